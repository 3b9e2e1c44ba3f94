#include "json/writer.hpp"

#include <cmath>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "json/scalar.hpp"
#include "json/utf8.hpp"

namespace tidemark::json {
namespace {

// Whether any of eight bytes has to be looked at: below 0x20, above 0x7F, a quote or a backslash.
bool has_special(std::uint64_t word) {
  constexpr std::uint64_t ONES = 0x0101010101010101ULL;
  constexpr std::uint64_t HIGHS = 0x8080808080808080ULL;
  const auto has_zero = [](std::uint64_t x) { return (x - ONES) & ~x & HIGHS; };
  return ((word - ONES * 0x20) & ~word & HIGHS) | (word & HIGHS) | has_zero(word ^ ONES * '"') |
         has_zero(word ^ ONES * '\\');
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && is_ascii(c) && c != '"' && c != '\\'; }

void append_escape(std::string& out, char c) {
  constexpr char DIGITS[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += DIGITS[c >> 4];
      out += DIGITS[c & 0xF];
  }
}

// How many bytes from `at` on can be copied as they are.
std::size_t plain_run(std::string_view text, std::size_t at) {
  const std::size_t start = at;
  while (at + 8 <= text.size()) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (has_special(word)) break;
    at += 8;
  }
  while (at < text.size() && is_plain(text[at])) ++at;
  return at - start;
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t run = plain_run(text, at);
    out.append(text, at, run);
    at += run;
    if (at == text.size()) break;
    if (is_ascii(text[at])) {
      append_escape(out, text[at++]);
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && !is_ascii(text[end])) ++end;
    const std::size_t valid = utf8_prefix(text.substr(at, end - at));
    out.append(text, at, valid);
    at += valid;
    if (at < end) {
      out += REPLACEMENT_CHARACTER;
      ++at;
    }
  }
  out += '"';
}

std::string quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(out, text);
  return out;
}

void Writer::before_value() {
  TIDEMARK_ASSERT(levels_.empty() ? out_.empty() : levels_.back().is_object == after_key_,
                  "a JSON value where none may stand, after ", out_);
  after_key_ = false;
  if (levels_.empty() || levels_.back().is_object) return;
  if (!levels_.back().is_empty) out_ += ',';
  levels_.back().is_empty = false;
}

Writer& Writer::key(std::string_view name) {
  TIDEMARK_ASSERT(!levels_.empty() && levels_.back().is_object && !after_key_,
                  "a JSON member's name where none may stand, after ", out_);
  if (!levels_.back().is_empty) out_ += ',';
  levels_.back().is_empty = false;
  append_quoted(out_, name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

Writer& Writer::begin(bool is_object) {
  before_value();
  out_ += is_object ? '{' : '[';
  levels_.push_back({.is_object = is_object, .is_empty = true});
  return *this;
}

Writer& Writer::end(bool is_object) {
  TIDEMARK_ASSERT(!levels_.empty() && levels_.back().is_object == is_object && !after_key_,
                  "a JSON object or array ends that is not open, after ", out_);
  levels_.pop_back();
  out_ += is_object ? '}' : ']';
  return *this;
}

Writer& Writer::begin_object() { return begin(true); }
Writer& Writer::end_object() { return end(true); }
Writer& Writer::begin_array() { return begin(false); }
Writer& Writer::end_array() { return end(false); }

Writer& Writer::raw(std::string_view json) {
  before_value();
  out_ += json;
  return *this;
}

Writer& Writer::value(std::string_view text) {
  before_value();
  append_quoted(out_, text);
  return *this;
}

Writer& Writer::value(bool flag) { return raw(flag ? "true" : "false"); }
Writer& Writer::value(std::nullptr_t) { return raw("null"); }

Writer& Writer::value(double number) {
  if (!std::isfinite(number)) return value(nullptr);
  ScalarBuffer buffer;
  return raw(format(number, buffer));
}

Writer& Writer::value(Money money) {
  ScalarBuffer buffer;
  return raw(format(money, buffer));
}

Writer& Writer::value(TimePoint time) {
  ScalarBuffer buffer;
  const auto text = format(time, buffer);
  return text.empty() ? value(nullptr) : value(text);
}

Writer& Writer::signed_value(std::int64_t number) {
  ScalarBuffer buffer;
  return raw(format(number, buffer));
}

Writer& Writer::unsigned_value(std::uint64_t number) {
  ScalarBuffer buffer;
  return raw(format(number, buffer));
}

const std::string& Writer::text() const& {
  TIDEMARK_ASSERT(levels_.empty() && !out_.empty(), "the JSON text is not whole: ", out_);
  return out_;
}

std::string Writer::text() && {
  TIDEMARK_ASSERT(levels_.empty() && !out_.empty(), "the JSON text is not whole: ", out_);
  return std::move(out_);
}

}  // namespace tidemark::json
