#include "http/percent.hpp"

#include <optional>

namespace tidemark::http {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

constexpr std::string_view UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

}  // namespace

Result<std::string> percent_decode(std::string_view text, PlusMeans plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == PlusMeans::space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
      const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
      if (!high || !low) {
        return fail(ErrorCode::malformed, "a % in a URL must be followed by two hexadecimal digits");
      }
      const auto byte = static_cast<char>(*high * 16 + *low);
      if (byte == '\0') return fail(ErrorCode::malformed, "%00 is not allowed in a URL");
      out += byte;
      i += 2;
    }
  }
  return out;
}

std::string percent_encode_segment(std::string_view text) {
  constexpr std::string_view HEX = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (UNRESERVED.find(c) != UNRESERVED.npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', HEX[byte / 16], HEX[byte % 16]});
    }
  }
  return out;
}

}  // namespace tidemark::http
