#include "engine/page_cursor.hpp"

#include <array>

#include "base/hash.hpp"
#include "engine/keyspace.hpp"

namespace tidemark::engine {
namespace {

// Base 64 of RFC 4648, section 5, without padding.
constexpr std::string_view ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr auto VALUES = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < ALPHABET.size(); ++i)
    values[static_cast<unsigned char>(ALPHABET[i])] = static_cast<std::int8_t>(i);
  return values;
}();

// check:u32 collection:u32 index:u32 descending:u8 position. The check tells cursors from typing errors.
constexpr std::size_t CHECK_BYTES = 4;
constexpr std::size_t HEAD_BYTES = CHECK_BYTES + 4 + 4 + 1;
// The longest entry is an escaped string of 1 KiB and an id: 2,048 + 2 + 512 bytes, or 3,433 characters with the head.
constexpr std::size_t TEXT_BYTES_MAX = 4096;

std::uint32_t check_of(std::string_view bytes) { return static_cast<std::uint32_t>(hash64(bytes)); }

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    for (count += 8; count >= 6; count -= 6) text.push_back(ALPHABET[bits >> (count - 6) & 63]);
  }
  if (count > 0) text.push_back(ALPHABET[bits << (6 - count) & 63]);
  return text;
}

// Characters that are not of the alphabet end it: the check does not hold then.
std::string from_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto value = VALUES[static_cast<unsigned char>(c)];
    if (value < 0) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if ((count += 6) < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> count));
  }
  return bytes;
}

}  // namespace

std::string PageCursor::text() const {
  std::string body;
  append_big_endian(body, collection, 4);
  append_big_endian(body, index, 4);
  body.push_back(descending ? 1 : 0);
  body.append(position);
  std::string bytes;
  append_big_endian(bytes, check_of(body), CHECK_BYTES);
  return to_base64(bytes.append(body));
}

Result<PageCursor> PageCursor::parse(std::string_view text) {
  const auto bytes = text.size() <= TEXT_BYTES_MAX ? from_base64(text) : std::string{};
  if (bytes.size() < HEAD_BYTES ||
      read_big_endian(bytes, 0, CHECK_BYTES) != check_of(std::string_view{bytes}.substr(CHECK_BYTES))) {
    return fail(ErrorCode::invalid, "is not a cursor; send back `next` of the page before, as it was", "after");
  }
  return PageCursor{.collection = static_cast<std::uint32_t>(read_big_endian(bytes, CHECK_BYTES, 4)),
                    .index = static_cast<std::uint32_t>(read_big_endian(bytes, CHECK_BYTES + 4, 4)),
                    .descending = bytes[HEAD_BYTES - 1] != 0,
                    .position = bytes.substr(HEAD_BYTES)};
}

}  // namespace tidemark::engine
