#include "storage/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace tidemark::storage {

Failure system_failure(int error, std::string_view doing, const std::string& path) {
  const std::string reason = std::generic_category().message(error);
  if (error == ENOSPC || error == EDQUOT) {
    return fail(ErrorCode::disk_full, detail::concatenate(doing, " failed: ", reason, "; free some space"), path);
  }
  return fail(ErrorCode::io, detail::concatenate(doing, " failed: ", reason), path);
}

PosixFile::PosixFile(PosixFile&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, path_{std::move(other.path_)} {}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

PosixFile::~PosixFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<PosixFile> PosixFile::open_or_create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0) return system_failure(errno, "opening it", path);
  return PosixFile{descriptor, path};
}

Result<PosixFile> PosixFile::create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (descriptor < 0) return system_failure(errno, "making it", path);
  return PosixFile{descriptor, path};
}

Result<std::optional<PosixFile>> PosixFile::open_to_read(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return std::optional<PosixFile>{};
  if (descriptor < 0) return system_failure(errno, "opening it", path);
  return std::optional{PosixFile{descriptor, path}};
}

Result<std::string> PosixFile::read(std::size_t size_max) const {
  std::string bytes(size_max, '\0');
  const ssize_t count = ::pread(descriptor_, bytes.data(), bytes.size(), 0);
  if (count < 0) return system_failure(errno, "reading it", path_);
  bytes.resize(static_cast<std::size_t>(count));
  return bytes;
}

Result<void> PosixFile::overwrite(std::string_view bytes) const {
  const ssize_t count = ::pwrite(descriptor_, bytes.data(), bytes.size(), 0);
  if (count < 0) return system_failure(errno, "writing it", path_);
  if (static_cast<std::size_t>(count) != bytes.size()) return system_failure(ENOSPC, "writing it", path_);
  return {};
}

Result<void> PosixFile::append(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0) return system_failure(errno, "writing it", path_);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> PosixFile::truncate() const {
  if (::ftruncate(descriptor_, 0) != 0) return system_failure(errno, "shortening it", path_);
  return {};
}

Result<void> PosixFile::sync() const {
  if (::fdatasync(descriptor_) != 0) return system_failure(errno, "syncing it", path_);
  return {};
}

Result<void> sync_directory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_failure(errno, "opening the directory", path);
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (error != 0) return system_failure(error, "syncing the directory", path);
  return {};
}

Result<bool> make_directory(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return false;
  const std::filesystem::path parent = std::filesystem::path{path}.parent_path();
  if (!parent.empty()) {
    if (auto made = make_directory(parent.string()); !made) return made;
  }
  if (::mkdir(path.c_str(), 0750) != 0) {
    if (errno == EEXIST && std::filesystem::is_directory(path, error)) return false;
    return system_failure(errno, "making the directory", path);
  }
  TIDEMARK_TRY(sync_directory(parent.empty() ? "." : parent.string()));
  return true;
}

}  // namespace tidemark::storage
