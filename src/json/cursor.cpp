#include "json/cursor.hpp"

#include <charconv>
#include <cstring>

#include "json/utf8.hpp"

namespace tidemark::json {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
constexpr bool ends_word(char c) { return is_space(c) || c == ',' || c == ':' || c == ']' || c == '}'; }

// The four hexadecimal digits at the front.
std::optional<char32_t> code_unit(std::string_view text) {
  unsigned unit = 0;
  if (text.size() < 4) return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + 4, unit, 16);
  if (error != std::errc{} || stop != text.data() + 4) return std::nullopt;
  return unit;
}

// Takes one escape, without its backslash, off the front.
bool append_unescaped(std::string& out, std::string_view& rest) {
  constexpr std::string_view ESCAPES = "\"\\/bfnrt";
  constexpr std::string_view MEANINGS = "\"\\/\b\f\n\r\t";
  if (rest.empty()) return false;
  const char escape = rest.front();
  rest.remove_prefix(1);
  if (const auto which = ESCAPES.find(escape); which != ESCAPES.npos) {
    out += MEANINGS[which];
    return true;
  }
  const auto unit = escape == 'u' ? code_unit(rest) : std::nullopt;
  if (!unit) return false;
  rest.remove_prefix(4);
  if (*unit < 0xD800 || *unit > 0xDFFF) return append_utf8(out, *unit), true;
  // A character above U+FFFF: two halves of ten bits each.
  if (*unit > 0xDBFF || !rest.starts_with("\\u")) return false;
  const auto low = code_unit(rest.substr(2));
  if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
  rest.remove_prefix(6);
  append_utf8(out, 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00));
  return true;
}

}  // namespace

char Cursor::peek() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool Cursor::take(char c) {
  if (peek() != c || at_ == text_.size()) return false;
  ++at_;
  return true;
}

std::optional<std::string_view> Cursor::string() {
  if (!take('"')) return std::nullopt;
  const std::size_t start = at_;
  while (true) {
    const void* found = at_ < text_.size() ? std::memchr(text_.data() + at_, '"', text_.size() - at_) : nullptr;
    if (!found) return std::nullopt;
    const auto quote = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
    at_ = quote + 1;
    // It ends the string unless an odd number of backslashes stands before it.
    std::size_t backslashes = quote;
    while (backslashes > start && text_[backslashes - 1] == '\\') --backslashes;
    if ((quote - backslashes) % 2 == 0) return text_.substr(start, quote - start);
  }
}

std::string_view Cursor::word() {
  peek();
  const std::size_t start = at_;
  while (at_ < text_.size() && !ends_word(text_[at_])) ++at_;
  return text_.substr(start, at_ - start);
}

bool Cursor::skip() {
  std::size_t depth = 0;
  do {
    switch (peek()) {
      case '"':
        if (!string()) return false;
        break;
      case '{':
      case '[':
        ++depth;
        ++at_;
        break;
      case '}':
      case ']':
        if (depth == 0) return false;
        --depth;
        ++at_;
        break;
      case ',':
      case ':':
        if (depth == 0) return false;
        ++at_;
        break;
      default:
        if (word().empty()) return false;
    }
  } while (depth > 0);
  return true;
}

std::optional<std::string> unescaped(std::string_view escaped) {
  std::string text;
  text.reserve(escaped.size());
  while (true) {
    const auto backslash = escaped.find('\\');
    text.append(escaped.substr(0, backslash));
    if (backslash == escaped.npos) return text;
    escaped.remove_prefix(backslash + 1);
    if (!append_unescaped(text, escaped)) return std::nullopt;
  }
}

bool says(std::string_view escaped, std::string_view text) {
  if (escaped.find('\\') == escaped.npos) return escaped == text;
  return unescaped(escaped) == text;
}

}  // namespace tidemark::json
