#include "storage/directory_lock.hpp"

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace tidemark::storage {
namespace {

Failure held_by_another(const PosixFile& file, const std::string& directory) {
  std::string holder = "another process";
  if (auto text = file.read(32)) {
    const std::string pid = text->substr(0, text->find('\n'));
    if (!pid.empty() && pid.find_first_not_of("0123456789") == std::string::npos) holder = "process " + pid;
  }
  return fail(
      ErrorCode::in_use,
      holder + " holds the data directory '" + directory + "'; stop it first, or give this one a directory of its own",
      directory);
}

Result<void> lock(const PosixFile& file, const std::string& directory) {
  if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) == 0) return {};
  if (errno == EWOULDBLOCK) return held_by_another(file, directory);
  return system_failure(errno, "locking it", file.path());
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
  auto file = PosixFile::open_or_create(directory + "/tidemark.lock");
  if (!file) return file.error();
  TIDEMARK_TRY(lock(*file, directory));
  TIDEMARK_TRY(file->truncate());
  TIDEMARK_TRY(file->overwrite(std::to_string(::getpid()) + "\n"));
  return DirectoryLock{std::move(*file)};
}

Result<DirectoryLock> DirectoryLock::take_to_read(const std::string& directory) {
  auto file = PosixFile::open_to_read(directory + "/tidemark.lock");
  if (!file) return file.error();
  if (!*file) return DirectoryLock{PosixFile{}};
  TIDEMARK_TRY(lock(**file, directory));
  return DirectoryLock{std::move(**file)};
}

}  // namespace tidemark::storage
