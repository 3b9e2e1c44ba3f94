// ChunkedBody: takes a body out of the chunks that it comes in (RFC 9112, 7.1). A state machine over single bytes: what
// it makes of them does not depend on how they are split.
//
// It is strict, because what others read otherwise is how requests are smuggled past them: lines end with CR LF, sizes
// are hexadecimal digits, extensions and trailers are passed over and have no control characters.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::http {

class ChunkedBody {
 public:
  enum class State { reading, complete, malformed, too_large };

  // `body_bytes_max`: of the body; `trailer_bytes_max`: of the lines behind it, which nobody asked for.
  ChunkedBody(std::size_t body_bytes_max, std::size_t trailer_bytes_max)
      : body_bytes_max_{body_bytes_max}, trailer_bytes_max_{trailer_bytes_max} {}

  // Appends to `body`; returns how many of the bytes it has consumed: all of them while state() is reading.
  std::size_t feed(std::string_view bytes, std::string& body);
  State state() const noexcept { return state_; }

 private:
  enum class Part { size, extension, size_end, data, data_return, data_end, trailer, trailer_end };

  std::size_t take_data(std::string_view bytes, std::string& body);
  void take(char c, const std::string& body);
  void take_size(char c);
  void take_trailer(char c);
  void expect(char c, char wanted, Part next);
  void begin_data(const std::string& body);
  void end_trailer_line();

  const std::size_t body_bytes_max_, trailer_bytes_max_;
  State state_ = State::reading;
  Part part_ = Part::size;
  std::uint64_t size_ = 0;  // of the chunk: what is still to come of it
  std::size_t digits_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::size_t line_bytes_ = 0;  // of the trailer's present line
};

}  // namespace tidemark::http
