#include "json/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace tidemark::json {
namespace {

constexpr bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// The length of the character that starts at `at`, or 0 when it is none. RFC 3629, section 4, has the table.
std::size_t character_at(const unsigned char* at, std::size_t left) {
  const unsigned char first = at[0];
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return left >= 2 && is_continuation(at[1]) ? 2 : 0;
  if (first < 0xF0) {
    if (left < 3 || !is_continuation(at[1]) || !is_continuation(at[2])) return 0;
    if (first == 0xE0 && at[1] < 0xA0) return 0;   // overlong
    if (first == 0xED && at[1] >= 0xA0) return 0;  // surrogates
    return 3;
  }
  if (first > 0xF4 || left < 4) return 0;
  if (!is_continuation(at[1]) || !is_continuation(at[2]) || !is_continuation(at[3])) return 0;
  if (first == 0xF0 && at[1] < 0x90) return 0;   // overlong
  if (first == 0xF4 && at[1] >= 0x90) return 0;  // above U+10FFFF
  return 4;
}

}  // namespace

std::size_t utf8_prefix(std::string_view text) noexcept {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t size = text.size();
  std::size_t at = 0;
  while (at < size) {
    // Most text is ASCII: eight bytes at a time.
    while (at + 8 <= size) {
      std::uint64_t word;
      std::memcpy(&word, bytes + at, 8);
      if (word & 0x8080808080808080ULL) break;
      at += 8;
    }
    if (at == size) break;
    const std::size_t length = character_at(bytes + at, size - at);
    if (length == 0) return at;
    at += length;
  }
  return at;
}

std::size_t utf8_length(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) count += !is_continuation(static_cast<unsigned char>(c));
  return count;
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
  } else {
    if (code_point < 0x10000) {
      put(0xE0 | code_point >> 12);
    } else {
      put(0xF0 | code_point >> 18);
      put(0x80 | (code_point >> 12 & 0x3F));
    }
    put(0x80 | (code_point >> 6 & 0x3F));
  }
  put(0x80 | (code_point & 0x3F));
}

std::string shortened(std::string_view text, std::size_t characters_max) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_continuation(static_cast<unsigned char>(text[at]))) continue;
    if (characters++ == characters_max) return std::string{text.substr(0, at)} + "…";
  }
  return std::string{text};
}

}  // namespace tidemark::json
