#include "storage/file_copy.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "storage/crc32c.hpp"
#include "storage/posix_file.hpp"

namespace tidemark::storage {
namespace {

constexpr std::size_t PIECE = 1 << 20;

// Calls `take` with one piece after the other.
template <class Take>
Result<FileSum> read_pieces(const std::string& path, std::uint64_t bytes_max, const ReadingWatch& watch,
                            const Take& take) {
  const auto file = PosixFile::open_to_read(path);
  if (!file) return file.error();
  if (!*file) return fail(ErrorCode::not_found, "the file is missing", path);
  std::string buffer(PIECE, '\0');
  Crc32c checksum;
  FileSum sum;
  while (sum.bytes < bytes_max) {
    if (watch.stop.stop_requested()) return fail(ErrorCode::cancelled, "was told to stop", path);
    const auto wanted = std::min<std::uint64_t>(PIECE, bytes_max - sum.bytes);
    const ssize_t count = ::pread((*file)->descriptor(), buffer.data(), wanted, static_cast<off_t>(sum.bytes));
    if (count < 0) return system_failure(errno, "reading it", path);
    if (count == 0) break;
    const std::string_view piece{buffer.data(), static_cast<std::size_t>(count)};
    checksum.add(piece);
    sum.bytes += piece.size();
    TIDEMARK_TRY(take(piece));
    if (watch.read) watch.read(piece.size());
  }
  sum.checksum = checksum.value();
  return sum;
}

}  // namespace

Result<FileSum> sum_of_file(const std::string& path, std::uint64_t bytes_max, const ReadingWatch& watch) {
  return read_pieces(path, bytes_max, watch, [](std::string_view) { return Result<void>{}; });
}

Result<FileSum> copy_file(const std::string& from, const std::string& to, std::uint64_t bytes_max,
                          const ReadingWatch& watch) {
  auto target = PosixFile::create(to);
  if (!target) return target.error();
  auto sum = read_pieces(from, bytes_max, watch, [&](std::string_view piece) { return target->append(piece); });
  if (!sum) return sum;
  TIDEMARK_TRY(target->sync());
  return sum;
}

Result<FileSum> write_file(const std::string& path, std::string_view bytes) {
  auto file = PosixFile::create(path);
  if (!file) return file.error();
  TIDEMARK_TRY(file->append(bytes));
  TIDEMARK_TRY(file->sync());
  Crc32c checksum;
  checksum.add(bytes);
  return FileSum{bytes.size(), checksum.value()};
}

}  // namespace tidemark::storage
