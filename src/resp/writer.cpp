#include "resp/writer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tidemark::resp {
namespace {

constexpr std::string_view LINE_END = "\r\n";

// The longest: a double in shortest form ("-2.2250738585072014e-308"), 24 characters.
class Digits {
 public:
  template <class Number>
  explicit Digits(Number number) : end_{std::to_chars(text_, text_ + sizeof text_, number).ptr} {}
  std::string_view view() const noexcept { return {text_, static_cast<std::size_t>(end_ - text_)}; }

 private:
  char text_[32];
  const char* end_;
};

void append_bulk(std::string& out, std::string_view bytes) {
  out += '$';
  out += Digits{bytes.size()}.view();
  out += LINE_END;
  out += bytes;
  out += LINE_END;
}

}  // namespace

void write_request(std::string& out, std::span<const std::string_view> arguments) {
  out += '*';
  out += Digits{arguments.size()}.view();
  out += LINE_END;
  for (const std::string_view argument : arguments) append_bulk(out, argument);
}

Writer& Writer::line(char type, std::string_view text) {
  out_ += type;
  out_ += text;
  out_ += LINE_END;
  return *this;
}

Writer& Writer::length(char type, std::size_t length) { return line(type, Digits{length}.view()); }

Writer& Writer::text_on_line(char type, std::string_view text) {
  const std::size_t begins = out_.size() + 1;
  line(type, text);
  const auto from = out_.begin() + static_cast<std::ptrdiff_t>(begins);
  std::replace_if(
      from, from + static_cast<std::ptrdiff_t>(text.size()), [](char byte) { return byte == '\r' || byte == '\n'; },
      ' ');
  return *this;
}

Writer& Writer::simple(std::string_view text) { return text_on_line('+', text); }
Writer& Writer::error(std::string_view text) { return text_on_line('-', text); }

Writer& Writer::bulk(std::string_view bytes) {
  append_bulk(out_, bytes);
  return *this;
}

Writer& Writer::verbatim(std::string_view text, std::string_view format) {
  if (!is_resp3()) return bulk(text);
  length('=', format.size() + 1 + text.size());
  out_ += format;
  out_ += ':';
  out_ += text;
  out_ += LINE_END;
  return *this;
}

Writer& Writer::big_number(std::string_view digits) { return is_resp3() ? line('(', digits) : bulk(digits); }

Writer& Writer::integer(std::int64_t number) { return line(':', Digits{number}.view()); }

Writer& Writer::boolean(bool yes) { return is_resp3() ? line('#', yes ? "t" : "f") : integer(yes ? 1 : 0); }

Writer& Writer::real(double number) {
  const Digits digits{number};
  // to_chars writes a NaN's sign and payload, too.
  const std::string_view text = std::isnan(number) ? "nan" : digits.view();
  return is_resp3() ? line(',', text) : bulk(text);
}

Writer& Writer::null() { return is_resp3() ? line('_', {}) : line('$', "-1"); }
Writer& Writer::null_array() { return is_resp3() ? null() : line('*', "-1"); }

Writer& Writer::begin_array(std::size_t count) { return length('*', count); }
Writer& Writer::begin_set(std::size_t count) { return length(is_resp3() ? '~' : '*', count); }
Writer& Writer::begin_map(std::size_t pairs) { return is_resp3() ? length('%', pairs) : length('*', pairs * 2); }
Writer& Writer::begin_push(std::size_t count) { return length(is_resp3() ? '>' : '*', count); }

Writer& Writer::value(const Value& value) {
  using Kind = Value::Kind;
  switch (value.kind) {
    case Kind::null: return null();
    case Kind::simple_string: return simple(value.text);
    case Kind::error: return error(value.text);
    case Kind::bulk_string: return bulk(value.text);
    case Kind::verbatim: return verbatim(value.text);
    case Kind::big_number: return big_number(value.text);
    case Kind::integer: return integer(value.number);
    case Kind::boolean: return boolean(value.number != 0);
    case Kind::real: return real(value.real);
    case Kind::array: begin_array(value.items.size()); break;
    case Kind::set: begin_set(value.items.size()); break;
    case Kind::push: begin_push(value.items.size()); break;
    case Kind::map: begin_map(value.items.size() / 2); break;
  }
  for (const Value& item : value.items) this->value(item);
  return *this;
}

}  // namespace tidemark::resp
