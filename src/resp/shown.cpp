#include "resp/shown.hpp"

namespace tidemark::resp {
namespace {

constexpr std::size_t SHOWN_AT_MOST = 40;

bool is_printable(char byte) noexcept { return byte >= ' ' && byte < '\x7f'; }

}  // namespace

std::string shown(char byte) {
  if (is_printable(byte)) return std::string{"'"} + byte + '\'';
  constexpr std::string_view DIGITS = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(byte);
  return std::string{"byte 0x"} + DIGITS[code >> 4] + DIGITS[code & 15];
}

std::string shown(std::string_view text) {
  std::string out = "'";
  for (const char byte : text.substr(0, SHOWN_AT_MOST)) out += is_printable(byte) ? byte : '?';
  return out + (text.size() > SHOWN_AT_MOST ? "…'" : "'");
}

}  // namespace tidemark::resp
