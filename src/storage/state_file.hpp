// StateFile: what the last process left behind, in `tidemark.state`: the tidemark that it had reached, how far
// RocksDB's MANIFEST had been written, and whether it stopped cleanly. One record of 48 bytes within one sector,
// overwritten in place; its grammar is in docs/formats/data-directory.md.
//
// What stands in it is written after the log, or the MANIFEST, was synced, and is not synced itself. So it is never
// above what was durable; a directory that recovers to less has lost something that was promised, and opening it is
// refused.
#pragma once
#include <rocksdb/env.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/lsn.hpp"
#include "base/result.hpp"

namespace tidemark::storage {

// So many bytes of MANIFEST-<number> were there.
struct ManifestMark {
  std::uint64_t number = 0, bytes = 0;
};

class StateFile {
 public:
  enum class Found { nothing, damaged, whole };

  // Opens the file of a directory. A missing or unreadable record counts as an unclean stop at LSN 0.
  static Result<StateFile> open(const std::string& directory, rocksdb::Env& env = *rocksdb::Env::Default());
  // The same, of a file that nothing will be written to; a missing one stays missing.
  static Result<StateFile> read(const std::string& directory, rocksdb::Env& env = *rocksdb::Env::Default());

  Found found() const noexcept { return found_; }  // by open() or read(), as all of these
  bool was_clean() const noexcept { return was_clean_; }
  Lsn tidemark() const noexcept { return tidemark_; }
  ManifestMark manifest() const noexcept { return manifest_; }

  // From here on a stop is unclean. Durable when it returns.
  Result<void> mark_running(Lsn tidemark, ManifestMark manifest) const;
  // The log is durable up to here. Survives kill -9 when it returns.
  Result<void> note_tidemark(Lsn tidemark, ManifestMark manifest) const;
  // Everything is durable up to here, and the process lets go. Durable when it returns.
  Result<void> mark_clean(Lsn tidemark, ManifestMark manifest) const;

 private:
  explicit StateFile(std::string path) : path_{std::move(path)} {}
  void parse(std::string_view record);
  Result<void> overwrite(const std::string& record) const;
  Result<void> sync() const;
  std::string path_;
  std::unique_ptr<rocksdb::RandomRWFile> file_;  // null when it is only read
  Found found_ = Found::nothing;
  bool was_clean_ = false;
  Lsn tidemark_;
  ManifestMark manifest_;
};

}  // namespace tidemark::storage
