#include "redis/command.hpp"

#include <charconv>

namespace tidemark::redis {
namespace {

constexpr std::string_view LINE_END = "\r\n";

// The marker of a length ('*' or '$'), the length, and the end of the line.
void append_length(std::string& out, char marker, std::size_t length) {
  char text[24];  // a marker, at most 20 digits, the end of the line
  text[0] = marker;
  char* end = std::to_chars(text + 1, text + sizeof text - LINE_END.size(), length).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(text, end);
}

}  // namespace

Arguments& Arguments::operator<<(std::string_view argument) {
  append_length(body_, '$', argument.size());
  body_ += argument;
  body_ += LINE_END;
  ++count_;
  return *this;
}

Arguments& Arguments::operator<<(const Arguments& more) {
  body_ += more.body_;
  count_ += more.count_;
  return *this;
}

void Command::write(std::string& out) const {
  append_length(out, '*', arguments_.count_);
  out += arguments_.body_;
}

std::string_view Command::name() const noexcept {
  const std::string_view body = arguments_.body_;
  const std::size_t line_end = body.find('\r');
  std::size_t length = 0;
  std::from_chars(body.data() + 1, body.data() + line_end, length);
  return body.substr(line_end + LINE_END.size(), length);
}

}  // namespace tidemark::redis
