#include "model/partition.hpp"

namespace tidemark::model {

std::string Partition::tag() const { return "{" + service + ":" + std::to_string(number) + "}"; }

std::string own_topic(const Partition& partition, std::string_view name) { return partition.tag() + std::string{name}; }

std::uint16_t partition_of(std::string_view key, std::uint16_t count) {
  if (count <= 1) return 0;
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : key) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return static_cast<std::uint16_t>(static_cast<std::uint32_t>(hash ^ (hash >> 32)) % count);
}

}  // namespace tidemark::model
