#include "storage/crc32c.hpp"

#include <rocksdb/file_checksum.h>

namespace tidemark::storage {

Crc32c::Crc32c() : generator_{rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({})} {}
Crc32c::~Crc32c() = default;

void Crc32c::add(std::string_view bytes) { generator_->Update(bytes.data(), bytes.size()); }

std::uint32_t Crc32c::value() {
  generator_->Finalize();
  std::uint32_t value = 0;
  for (const char byte : generator_->GetChecksum()) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace tidemark::storage
