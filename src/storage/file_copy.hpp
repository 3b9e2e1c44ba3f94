// Whole files: copied, and their checksums.
#pragma once
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidemark::storage {

struct FileSum {
  std::uint64_t bytes = 0;
  std::uint32_t checksum = 0;  // CRC-32C
};

// While a file is read, piece by piece.
struct ReadingWatch {
  std::stop_token stop = {};                     // ends it: `cancelled`
  std::function<void(std::uint64_t)> read = {};  // is told the bytes of each piece; may be empty
};

// Of what was read: the first `bytes_max` bytes, or as many as there are.
Result<FileSum> sum_of_file(const std::string& path, std::uint64_t bytes_max = UINT64_MAX,
                            const ReadingWatch& watch = {});
// Copies so much of a file to a new one, durably when it returns. The name of the new one is durable when its directory
// is. Where the file system can share the bytes of two files, they still count as two.
// When it is told to stop, the new one is a part.
Result<FileSum> copy_file(const std::string& from, const std::string& to, std::uint64_t bytes_max = UINT64_MAX,
                          const ReadingWatch& watch = {});
// Makes a file of these bytes, durably.
Result<FileSum> write_file(const std::string& path, std::string_view bytes);

}  // namespace tidemark::storage
