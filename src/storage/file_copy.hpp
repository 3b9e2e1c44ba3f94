// Whole files: copied, and their checksums.
#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidemark::storage {

struct FileSum {
  std::uint64_t bytes = 0;
  std::uint32_t checksum = 0;  // CRC-32C
};

// Of what was read: the first `bytes_max` bytes, or as many as there are.
Result<FileSum> sum_of_file(const std::string& path, std::uint64_t bytes_max = UINT64_MAX);
// Copies so much of a file to a new one, durably when it returns. The name of the new one is durable when its directory
// is. Where the file system can share the bytes of two files, they still count as two.
// `cancelled` when it is told to stop; the new one is a part then.
Result<FileSum> copy_file(const std::string& from, const std::string& to, std::uint64_t bytes_max = UINT64_MAX,
                          const std::stop_token& stop = {});
// Makes a file of these bytes, durably.
Result<FileSum> write_file(const std::string& path, std::string_view bytes);

}  // namespace tidemark::storage
