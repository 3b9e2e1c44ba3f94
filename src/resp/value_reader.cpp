#include "resp/value_reader.hpp"

#include <algorithm>
#include <utility>

#include "resp/number.hpp"
#include "resp/shown.hpp"

namespace tidemark::resp {
namespace {

constexpr std::string_view TYPES = "+-:$*_#,(!=%~>|";
constexpr std::size_t RESERVED_AT_MOST = 64;          // elements; more only as they come
constexpr std::string_view VERBATIM_FORMAT = "txt:";  // or "mkd:": three letters and a colon

}  // namespace

Result<std::optional<Value>> ValueReader::next(std::string_view& bytes) {
  if (failure_) return *failure_;
  auto value = read(bytes);
  if (!value) failure_ = value.error();
  return value;
}

Result<std::optional<Value>> ValueReader::read(std::string_view& bytes) {
  while (!bytes.empty()) {
    const Result<bool> whole = in_bulk_ ? read_bulk(bytes) : read_line(bytes);
    if (!whole) return whole.error();
    if (*whole && end_element()) {
      elements_ = text_bytes_ = 0;
      return std::optional{std::exchange(element_, {})};
    }
  }
  return std::optional<Value>{};
}

// Each step below says whether element_ is whole.

Result<bool> ValueReader::read_line(std::string_view& bytes) {
  if (line_.empty()) {
    element_at_ = offset_;
    if (bytes[0] == ';' || bytes[0] == '.') return malformed("streamed values are not read");
    if (TYPES.find(bytes[0]) == TYPES.npos) return malformed(shown(bytes[0]) + " begins no value");
  }
  const std::size_t newline = bytes.find('\n');
  const std::string_view piece = bytes.substr(0, newline == bytes.npos ? bytes.size() : newline + 1);
  // Between the type and the "\r\n" stand at most line_bytes_max.
  if (line_.size() + piece.size() > limits_.line_bytes_max + 3)
    return too_large("a line is longer than " + std::to_string(limits_.line_bytes_max) + " bytes");
  bytes.remove_prefix(piece.size());
  offset_ += piece.size();
  if (newline == bytes.npos) {
    line_ += piece;
    return false;
  }
  std::string held;
  std::string_view line = piece;
  if (!line_.empty()) {
    held = std::exchange(line_, {});
    held += piece;
    line = held;
  }
  if (line.find('\r') != line.size() - 2) return malformed("a line must end with CR LF and have neither within");
  return begin_element(line.substr(0, line.size() - 2));
}

Result<bool> ValueReader::begin_element(std::string_view line) {
  const std::string_view text = line.substr(1);
  const bool is_text = line[0] == '+' || line[0] == '-';  // where a question mark is one
  if (text == "?" && !is_text) return malformed("streamed values are not read");
  using Kind = Value::Kind;
  element_ = {};
  switch (line[0]) {
    case '+': return whole_line(Kind::simple_string, text);
    case '-': return whole_line(Kind::error, text);
    case '(':
      if (!is_big_number(text)) return malformed(shown(text) + " is no big number");
      return whole_line(Kind::big_number, text);
    case ':':
      if (const auto number = read_integer(text)) {
        element_.kind = Kind::integer;
        element_.number = *number;
        return true;
      }
      return malformed(shown(text) + " is no integer of 64 bits");
    case ',':
      if (const auto number = read_real(text)) {
        element_.kind = Kind::real;
        element_.real = *number;
        return true;
      }
      return malformed(shown(text) + " is no double");
    case '#':
      if (text != "t" && text != "f") return malformed(shown(text) + " is no boolean (t or f)");
      element_.kind = Kind::boolean;
      element_.number = text == "t" ? 1 : 0;
      return true;
    case '_':
      if (!text.empty()) return malformed("a null has text: " + shown(text));
      return true;
    case '$': return begin_bulk(Kind::bulk_string, text);
    case '!': return begin_bulk(Kind::error, text);
    case '=': return begin_bulk(Kind::verbatim, text);
    case '*': return begin_aggregate(Kind::array, text);
    case '~': return begin_aggregate(Kind::set, text);
    case '>': return begin_aggregate(Kind::push, text);
    case '%': return begin_aggregate(Kind::map, text);
    default: return begin_aggregate(Kind::map, text, true);  // '|': TYPES has no other
  }
}

Result<bool> ValueReader::whole_line(Value::Kind kind, std::string_view text) {
  TIDEMARK_TRY(count_text(text.size()));
  element_.kind = kind;
  element_.text = text;
  return true;
}

Result<bool> ValueReader::begin_bulk(Value::Kind kind, std::string_view text) {
  const auto length = read_integer(text);
  if (length == -1 && kind == Value::Kind::bulk_string) return true;  // RESP2's null
  if (!length || *length < 0) return malformed(shown(text) + " is no length of a string");
  const auto size = static_cast<std::size_t>(*length);
  if (size > limits_.bulk_bytes_max)
    return too_large("a string of " + std::to_string(size) + " bytes is longer than " +
                     std::to_string(limits_.bulk_bytes_max));
  TIDEMARK_TRY(count_text(size));
  element_.kind = kind;
  in_bulk_ = true;
  bulk_bytes_ = size;
  bulk_end_ = 0;
  return false;
}

Result<bool> ValueReader::read_bulk(std::string_view& bytes) {
  constexpr std::string_view LINE_END = "\r\n";
  const std::string_view piece = bytes.substr(0, bulk_bytes_ - element_.text.size());
  element_.text += piece;
  bytes.remove_prefix(piece.size());
  offset_ += piece.size();
  if (element_.text.size() < bulk_bytes_) return false;
  while (bulk_end_ < LINE_END.size() && !bytes.empty()) {
    if (bytes[0] != LINE_END[bulk_end_])
      return malformed("CR LF must follow a string of " + std::to_string(bulk_bytes_) + " bytes");
    bytes.remove_prefix(1);
    ++offset_;
    ++bulk_end_;
  }
  return bulk_end_ == LINE_END.size() ? end_bulk() : Result<bool>{false};
}

Result<bool> ValueReader::end_bulk() {
  in_bulk_ = false;
  if (element_.kind != Value::Kind::verbatim) return true;
  if (element_.text.size() < VERBATIM_FORMAT.size() || element_.text[VERBATIM_FORMAT.size() - 1] != ':')
    return malformed("a verbatim string must begin with its format, as \"txt:\"");
  element_.text.erase(0, VERBATIM_FORMAT.size());
  return true;
}

Result<bool> ValueReader::begin_aggregate(Value::Kind kind, std::string_view text, bool is_attribute) {
  const auto length = read_integer(text);
  if (length == -1 && kind == Value::Kind::array) return true;  // RESP2's null
  if (!length || *length < 0) return malformed(shown(text) + " is no number of elements");
  if (kind == Value::Kind::push && !stack_.empty()) return malformed("a push message stands within another value");
  if (stack_.size() >= limits_.depth_max)
    return too_large("values are nested deeper than " + std::to_string(limits_.depth_max));
  const auto count = static_cast<std::size_t>(*length);
  const std::size_t each = kind == Value::Kind::map ? 2 : 1;
  if (count > (limits_.elements_max - elements_) / each)
    return too_large("a value has more than " + std::to_string(limits_.elements_max) + " elements");
  elements_ += count * each;
  if (count == 0) {
    element_.kind = kind;
    return !is_attribute;
  }
  Open& open = stack_.emplace_back();
  open.value.kind = kind;
  open.missing = count * each;
  open.is_attribute = is_attribute;
  open.value.items.reserve(std::min(open.missing, RESERVED_AT_MOST));
  return false;
}

// Puts the whole element where it belongs, and closes what that makes whole. True when element_ is now the whole value.
bool ValueReader::end_element() {
  while (!stack_.empty()) {
    Open& open = stack_.back();
    open.value.items.push_back(std::move(element_));
    if (--open.missing > 0) return false;
    const bool is_attribute = open.is_attribute;
    element_ = std::move(open.value);
    stack_.pop_back();
    if (is_attribute) return false;
  }
  return true;
}

Result<void> ValueReader::count_text(std::size_t bytes) {
  if (bytes > limits_.value_bytes_max - text_bytes_)
    return too_large("the strings of a value are longer than " + std::to_string(limits_.value_bytes_max) +
                     " bytes together");
  text_bytes_ += bytes;
  return {};
}

Failure ValueReader::refuse(ErrorCode code, const std::string& what) const {
  return fail(code, what + ", at offset " + std::to_string(element_at_), "RESP");
}

}  // namespace tidemark::resp
