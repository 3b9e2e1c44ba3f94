// DirectoryLock: at most one process, and one storage in it, works on a data directory. The file `tidemark.lock` is
// locked by flock(2), which ends with the process however it ends; the holder's process id stands in it for people.
#pragma once
#include <string>

#include "base/result.hpp"
#include "storage/posix_file.hpp"

namespace tidemark::storage {

class DirectoryLock {
 public:
  DirectoryLock() = default;  // holds nothing
  // `in_use` when somebody holds it: names the process and the directory. The lock ends with the returned object.
  static Result<DirectoryLock> take(const std::string& directory);
  // The same for somebody who only reads: writes nothing, and makes no file where there is none.
  static Result<DirectoryLock> take_to_read(const std::string& directory);

 private:
  explicit DirectoryLock(PosixFile file) : file_{std::move(file)} {}
  PosixFile file_;
};

}  // namespace tidemark::storage
