#include "json/parser.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "json/json.hpp"

namespace tidemark::json {
namespace {

// Checks the depth and the strings; the rest is the parser's.
class Validator : public ParseHandler {
 public:
  using ParseHandler::ParseHandler;

  bool String(const char* at, Size size, bool) { return check_string({at, size}); }
  bool Key(const char* at, Size size, bool) { return check_string({at, size}); }
  bool RawNumber(const char*, Size, bool) { return true; }
  bool StartObject() { return enter(); }
  bool StartArray() { return enter(); }
  bool EndObject(Size) { return leave(), true; }
  bool EndArray(Size) { return leave(), true; }
};

// Bytes that JSON has nowhere: below the blank, all but tab, line feed and carriage return.
bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\n' && c != '\r'; }

// The first of them. RapidJSON sees those in strings, but in blocks of 16 bytes it overlooks the last six.
std::size_t find_control(std::string_view text) {
  constexpr std::uint64_t EACH = 0x0101010101010101ULL;
  std::size_t at = 0;
  while (at < text.size()) {
    for (std::uint64_t word; at + 8 <= text.size(); at += 8) {
      std::memcpy(&word, text.data() + at, 8);
      if ((word - EACH * ' ') & ~word & EACH * 0x80) break;  // some byte may be below the blank
    }
    const std::size_t end = std::min(at + 8, text.size());
    for (; at < end; ++at)
      if (is_control(text[at])) return at;
  }
  return text.npos;
}

}  // namespace

Failure malformed(std::string_view text, std::size_t offset, std::string_view what) {
  const auto before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto column = 1 + utf8_length(before.substr(line_start));
  std::string message = "not JSON: ";
  message += what.ends_with('.') ? what.substr(0, what.size() - 1) : what;
  message += " (line " + std::to_string(line) + ", column " + std::to_string(column) + ')';
  return fail(ErrorCode::malformed, std::move(message));
}

Result<void> check_bytes(std::string_view text) {
  constexpr std::size_t BYTES_MAX = 1U << 30;  // RapidJSON counts in 32 bits
  if (text.size() > BYTES_MAX) return fail(ErrorCode::too_large, "JSON of more than 1 GiB");
  if (const auto nul = text.find('\0'); nul != text.npos) return malformed(text, nul, "a NUL byte");
  if (const auto control = find_control(text); control != text.npos)
    return malformed(text, control, "a control character");
  if (const auto valid = utf8_prefix(text); valid != text.size())
    return malformed(text, valid, "bytes that are not UTF-8");
  return {};
}

Result<void> validate(std::string_view text, std::size_t depth_max) {
  Validator validator{text, depth_max};
  return parse(validator);
}

}  // namespace tidemark::json
