#include "json/parser.hpp"

#include <algorithm>

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
  if (const auto valid = utf8_prefix(text); valid != text.size())
    return malformed(text, valid, "bytes that are not UTF-8");
  return {};
}

Result<void> validate(std::string_view text, std::size_t depth_max) {
  Validator validator{text, depth_max};
  return parse(validator);
}

}  // namespace tidemark::json
