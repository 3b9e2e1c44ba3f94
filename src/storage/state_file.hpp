// StateFile: what the last process left behind, in `tidemark.state`: the tidemark that it had reached, and whether it
// stopped cleanly. One record of 32 bytes within one sector, overwritten in place; its grammar is in
// docs/formats/data-directory.md.
//
// The tidemark in it is written after the log was synced, and is not synced itself. So it is never above what was
// durable; a log that recovers to less has lost something that was promised, and opening it is refused.
#pragma once
#include <string>

#include "base/lsn.hpp"
#include "base/result.hpp"
#include "storage/posix_file.hpp"

namespace tidemark::storage {

class StateFile {
 public:
  // Opens the file of a directory. A missing or unreadable record counts as an unclean stop at LSN 0.
  static Result<StateFile> open(const std::string& directory);

  bool was_clean() const noexcept { return was_clean_; }  // as found by open()
  Lsn tidemark() const noexcept { return tidemark_; }     // as found by open()

  // From here on a stop is unclean. Durable when it returns.
  Result<void> mark_running(Lsn tidemark) const;
  // The log is durable up to here. Survives kill -9 when it returns.
  Result<void> note_tidemark(Lsn tidemark) const;
  // Everything is durable up to here, and the process lets go. Durable when it returns.
  Result<void> mark_clean(Lsn tidemark) const;

 private:
  explicit StateFile(PosixFile file) : file_{std::move(file)} {}
  void parse(std::string_view record);
  PosixFile file_;
  bool was_clean_ = false;
  Lsn tidemark_;
};

}  // namespace tidemark::storage
