// CRC-32C, as RocksDB's own files and our backups carry it.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

namespace rocksdb {
class FileChecksumGenerator;
}

namespace tidemark::storage {

// Over bytes that come in pieces.
class Crc32c {
 public:
  Crc32c();
  ~Crc32c();
  Crc32c(const Crc32c&) = delete;
  Crc32c& operator=(const Crc32c&) = delete;

  void add(std::string_view bytes);
  std::uint32_t value();  // once, at the end

 private:
  std::unique_ptr<rocksdb::FileChecksumGenerator> generator_;
};

}  // namespace tidemark::storage
