#include "http/chunked_body.hpp"

#include <algorithm>

namespace tidemark::http {
namespace {

constexpr std::size_t DIGITS_MAX = 16;            // 64 bits
constexpr std::size_t EXTENSION_BYTES_MAX = 128;  // nobody uses them, and nobody may hide a flood in them

// -1 for what is no hexadecimal digit.
int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7F; }

}  // namespace

std::size_t ChunkedBody::feed(std::string_view bytes, std::string& body) {
  std::size_t consumed = 0;
  while (state_ == State::reading && consumed < bytes.size()) {
    if (part_ == Part::data) {
      consumed += take_data(bytes.substr(consumed), body);
    } else {
      take(bytes[consumed++], body);
    }
  }
  return consumed;
}

std::size_t ChunkedBody::take_data(std::string_view bytes, std::string& body) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size_, bytes.size()));
  body += bytes.substr(0, count);
  size_ -= count;
  if (size_ == 0) part_ = Part::data_return;
  return count;
}

void ChunkedBody::take(char c, const std::string& body) {
  switch (part_) {
    case Part::size: return take_size(c);
    case Part::extension:
      if (c == '\r') {
        part_ = Part::size_end;
      } else if (++extension_bytes_ > EXTENSION_BYTES_MAX || is_control(c)) {
        state_ = State::malformed;
      }
      return;
    case Part::size_end: expect(c, '\n', Part::data); return begin_data(body);
    case Part::data: return;
    case Part::data_return: return expect(c, '\r', Part::data_end);
    case Part::data_end: return expect(c, '\n', Part::size);
    case Part::trailer: return take_trailer(c);
    case Part::trailer_end: expect(c, '\n', Part::trailer); return end_trailer_line();
  }
}

void ChunkedBody::take_size(char c) {
  if (const int value = digit_value(c); value >= 0 && digits_ < DIGITS_MAX) {
    size_ = size_ * 16 + static_cast<std::uint64_t>(value);
    ++digits_;
    return;
  }
  if (c == '\r') part_ = Part::size_end;
  if (c == ';' || c == ' ' || c == '\t') part_ = Part::extension;
  if (digits_ == 0 || part_ == Part::size) state_ = State::malformed;
}

void ChunkedBody::begin_data(const std::string& body) {
  if (state_ != State::reading) return;
  digits_ = extension_bytes_ = 0;
  if (size_ == 0) part_ = Part::trailer;
  if (size_ > body_bytes_max_ - body.size()) state_ = State::too_large;
}

void ChunkedBody::take_trailer(char c) {
  if (c == '\r') {
    part_ = Part::trailer_end;
    return;
  }
  ++line_bytes_;
  if (++trailer_bytes_ > trailer_bytes_max_ || is_control(c)) state_ = State::malformed;
}

void ChunkedBody::end_trailer_line() {
  if (state_ == State::reading && line_bytes_ == 0) state_ = State::complete;
  line_bytes_ = 0;
}

void ChunkedBody::expect(char c, char wanted, Part next) {
  part_ = next;
  if (c != wanted) state_ = State::malformed;
}

}  // namespace tidemark::http
