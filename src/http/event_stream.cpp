#include "http/event_stream.hpp"

#include "http/connection.hpp"

namespace tidemark::http {
namespace {

// The text's lines, each behind `field`; all three kinds of line break end one.
void append_lines(std::string& out, std::string_view field, std::string_view text) {
  for (;;) {
    const auto end = text.find_first_of("\r\n");
    out += field;
    out += text.substr(0, end);
    out += '\n';
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + (text.substr(end, 2) == "\r\n" ? 2 : 1));
  }
}

bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

}  // namespace

Result<void> append_event(std::string& out, std::string_view event, std::string_view id, std::string_view data) {
  if (!is_one_line(event)) return fail(ErrorCode::invalid, "an event's name must be one line");
  if (!is_one_line(id)) return fail(ErrorCode::invalid, "an event's id must be one line");
  if (!event.empty()) append_lines(out, "event: ", event);
  if (!id.empty()) append_lines(out, "id: ", id);
  append_lines(out, "data: ", data);
  out += '\n';
  return {};
}

void append_comment(std::string& out, std::string_view text) {
  append_lines(out, ": ", text);
  out += '\n';
}

void EventStream::send(std::string_view event, std::string_view id, std::string_view data) {
  std::string text;
  append_event(text, event, id, data).or_raise();
  connection_.stream(ticket_, text);
}

void EventStream::comment(std::string_view text) {
  std::string line;
  append_comment(line, text);
  connection_.stream(ticket_, line);
}

}  // namespace tidemark::http
