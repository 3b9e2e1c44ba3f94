// Writer: appends replies in the protocol that the client speaks; write_request() appends a request.
//
//   Writer writer{out, Protocol::resp3};
//   writer.begin_map(1).bulk("name").bulk("Ann");
//
// What RESP2 does not have becomes what Redis makes of it there: a map the array of its keys and values, a set or push
// message an array, a boolean 0 or 1, a double, big number or verbatim string a bulk string.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "resp/value.hpp"

namespace tidemark::resp {

enum class Protocol : std::uint8_t { resp2 = 2, resp3 = 3 };

// Appends "*<count>\r\n$<size>\r\n<argument>\r\n…", the same in both protocols.
void write_request(std::string& out, std::span<const std::string_view> arguments);

class Writer {
 public:
  explicit Writer(std::string& out, Protocol protocol = Protocol::resp2) : out_{out}, protocol_{protocol} {}

  // These two stand on a line of their own: a CR or LF within becomes a blank. An error begins with its code.
  Writer& simple(std::string_view text);
  Writer& error(std::string_view text);
  Writer& bulk(std::string_view bytes);
  // The format has three letters, "txt" or "mkd".
  Writer& verbatim(std::string_view text, std::string_view format = "txt");
  // Decimal digits, with a '-' if need be.
  Writer& big_number(std::string_view digits);
  Writer& integer(std::int64_t number);
  Writer& boolean(bool yes);
  // In the shortest form that reads back as the same number.
  Writer& real(double number);
  Writer& null();
  Writer& null_array();  // where RESP2 wants this null instead

  // The elements follow. A map's are key, value, key, value, …: twice as many as `pairs`.
  Writer& begin_array(std::size_t count);
  Writer& begin_set(std::size_t count);
  Writer& begin_map(std::size_t pairs);
  Writer& begin_push(std::size_t count);

  // All of it, whatever kind it is.
  Writer& value(const Value& value);

 private:
  bool is_resp3() const noexcept { return protocol_ == Protocol::resp3; }
  Writer& line(char type, std::string_view text);
  Writer& length(char type, std::size_t length);
  Writer& text_on_line(char type, std::string_view text);

  std::string& out_;
  Protocol protocol_;
};

}  // namespace tidemark::resp
