// The kinds of keys of a data directory, told apart by their first byte, and how a key is put together.
// docs/formats/storage.md and docs/formats/documents.md have the grammar.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "base/stream_id.hpp"

namespace tidemark::engine {

enum class Space : char {
  meta = 'm',         // the format's version, the next number to give out, numbers of partitions
  topics = 't',       // topic catalog, by name
  entries = 'e',      // by topic and id
  groups = 'g',       // groups and their consumers
  ranges = 'r',       // entries handed over together and not all settled
  pending = 'p',      // entries pending by themselves
  collections = 'c',  // collection catalog
  documents = 'd',
  indexes = 'x',
  timers = 'T',
  keys = 'k',
  key_expiry = 'K',
};

// A short key in a buffer of its own: the space's byte, then numbers in big-endian order, so that keys sort as they do.
class Key {
 public:
  explicit Key(Space space) { bytes_[0] = static_cast<char>(space), size_ = 1; }

  Key& u32(std::uint32_t value) { return big_endian(value, 4); }
  Key& u64(std::uint64_t value) { return big_endian(value, 8); }
  Key& id(StreamId id) { return u64(id.ms).u64(id.seq); }

  std::string_view view() const { return {bytes_.data(), size_}; }
  operator std::string_view() const { return view(); }

 private:
  Key& big_endian(std::uint64_t value, std::size_t width) {
    TIDEMARK_ASSERT(size_ + width <= bytes_.size());
    for (std::size_t i = 0; i < width; ++i) bytes_[size_ + i] = static_cast<char>(value >> (8 * (width - 1 - i)));
    size_ += width;
    return *this;
  }
  std::array<char, 1 + 4 + 4 + 16> bytes_;  // the longest: a space, two numbers and an id
  std::size_t size_;
};

// For keys that hold strings, too.
inline void append_big_endian(std::string& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = width; i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i)));
}

// Reads what these wrote. The caller has made sure that the bytes are there.
inline std::uint64_t read_big_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  TIDEMARK_ASSERT(at + width <= bytes.size());
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}
inline StreamId read_id(std::string_view bytes, std::size_t at) {
  return {read_big_endian(bytes, at, 8), read_big_endian(bytes, at + 8, 8)};
}

}  // namespace tidemark::engine
