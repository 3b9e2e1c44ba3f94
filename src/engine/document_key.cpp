#include "engine/document_key.hpp"

#include "base/assert.hpp"
#include "engine/keyspace.hpp"

namespace tidemark::engine {

void append_collection_prefix(std::string& out, std::uint32_t collection) {
  out.push_back(static_cast<char>(Space::documents));
  append_big_endian(out, collection, 4);
}

void append_document_prefix(std::string& out, std::uint32_t collection, std::uint16_t partition) {
  append_collection_prefix(out, collection);
  append_big_endian(out, partition, 2);
}

void append_index_prefix(std::string& out, std::uint32_t collection, std::uint32_t index) {
  out.push_back(static_cast<char>(Space::indexes));
  append_big_endian(out, collection, 4);
  append_big_endian(out, index, 4);
}

void append_entry_prefix(std::string& out, std::uint32_t collection, std::uint32_t index, std::uint16_t partition) {
  append_index_prefix(out, collection, index);
  append_big_endian(out, partition, 2);
}

std::string end_of_prefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  TIDEMARK_ASSERT(!prefix.empty());
  prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

void append_version(std::string& out, const model::Version& version) {
  append_big_endian(out, version.counter, 8);
  append_big_endian(out, version.nonce, 8);
}

std::optional<model::Version> stored_version(std::string_view stored) {
  if (stored.size() < VERSION_BYTES) return std::nullopt;
  return model::Version{read_big_endian(stored, 0, 8), read_big_endian(stored, 8, 8)};
}

}  // namespace tidemark::engine
