// PosixFile: a file descriptor with an owner, and the few calls that the storage makes itself, beside RocksDB.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidemark::storage {

// The failure of a system call by its errno: `disk_full` for a full disk, `io` for the rest. `doing` is a phrase
// ("opening it"); `path` is what it was about.
Failure system_failure(int error, std::string_view doing, const std::string& path);

class PosixFile {
 public:
  PosixFile() = default;
  PosixFile(PosixFile&& other) noexcept;
  PosixFile& operator=(PosixFile&& other) noexcept;
  ~PosixFile();

  // Opens for reading and writing; makes it, readable by its owner and group only, when missing.
  static Result<PosixFile> open_or_create(const std::string& path);
  // Makes it, for appending; an error when there is one already.
  static Result<PosixFile> create(const std::string& path);
  // For reading; none when there is no such file.
  static Result<std::optional<PosixFile>> open_to_read(const std::string& path);

  // The first `size_max` bytes, or as many as there are.
  Result<std::string> read(std::size_t size_max) const;
  // Replaces the bytes from the start; the rest of the file stays.
  Result<void> overwrite(std::string_view bytes) const;
  // Writes behind what was written through this descriptor.
  Result<void> append(std::string_view bytes) const;
  Result<void> truncate() const;
  // Durable when it returns.
  Result<void> sync() const;
  int descriptor() const noexcept { return descriptor_; }
  const std::string& path() const noexcept { return path_; }

 private:
  PosixFile(int descriptor, std::string path) : descriptor_{descriptor}, path_{std::move(path)} {}
  int descriptor_ = -1;
  std::string path_;
};

// Makes the names in a directory durable.
Result<void> sync_directory(const std::string& path);

// Makes the directory, and its parents, durably. Returns whether it was not there before.
Result<bool> make_directory(const std::string& path);

}  // namespace tidemark::storage
