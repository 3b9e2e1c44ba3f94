#include "model/document.hpp"

#include <charconv>

namespace tidemark::model {
namespace {

constexpr std::size_t COUNTER_DIGITS = 20;  // at most, below 2^64
constexpr std::size_t NONCE_DIGITS = 16;    // 64 bits in hexadecimal

}  // namespace

std::string Version::text() const {
  char buffer[COUNTER_DIGITS + 1 + NONCE_DIGITS];
  auto* end = std::to_chars(buffer, buffer + COUNTER_DIGITS, counter).ptr;
  *end++ = '-';
  for (int shift = 60; shift >= 0; shift -= 4) *end++ = "0123456789abcdef"[nonce >> shift & 0xf];
  return {buffer, end};
}

Result<Version> Version::parse(std::string_view text) {
  Version version;
  const auto* const end = text.data() + text.size();
  const auto counter = std::from_chars(text.data(), end, version.counter);
  const bool has_nonce =
      counter.ec == std::errc{} && end - counter.ptr == 1 + std::ptrdiff_t{NONCE_DIGITS} && *counter.ptr == '-';
  if (has_nonce) {
    const auto nonce = std::from_chars(counter.ptr + 1, end, version.nonce, 16);
    if (nonce.ec == std::errc{} && nonce.ptr == end && version.text() == text) return version;
  }
  return fail(ErrorCode::malformed, "is not a version; send one back as it was given in an ETag", std::string{text});
}

}  // namespace tidemark::model
