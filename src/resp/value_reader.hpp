// ValueReader: makes values of the bytes that a server sends, RESP2 or RESP3, however they are split.
//
//   ValueReader reader;
//   for (std::string_view bytes = received;;) {
//     auto value = reader.next(bytes);
//     if (!value) return value.error();   // not RESP, or over a limit: the connection is of no further use
//     if (!*value) break;                 // all bytes are taken; more are needed for the next value
//     use(**std::move(value));
//   }
//
// Attributes are read and dropped. Streamed strings and aggregates ("$?", "*?"), which no server sends, are refused.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "resp/limits.hpp"
#include "resp/value.hpp"

namespace tidemark::resp {

class ValueReader {
 public:
  explicit ValueReader(const Limits& limits = {}) : limits_{limits} {}

  // Takes bytes off the front, up to the end of the next value, and returns that; nothing when it needs more than there
  // are, and then it has taken all. Fails with `malformed` for what is not RESP and `too_large` for what is over a
  // limit, naming the offset since the reader's first byte; every later call fails alike.
  Result<std::optional<Value>> next(std::string_view& bytes);

  // No value has been begun: the bytes may end here.
  bool between_values() const noexcept { return stack_.empty() && !in_bulk_ && line_.empty() && elements_ == 0; }
  // How many bytes were taken.
  std::uint64_t offset() const noexcept { return offset_; }

 private:
  // An aggregate whose elements are still coming.
  struct Open {
    Value value;
    std::size_t missing = 0;  // elements
    bool is_attribute = false;
  };

  Result<std::optional<Value>> read(std::string_view& bytes);
  Result<bool> read_line(std::string_view& bytes);
  Result<bool> read_bulk(std::string_view& bytes);
  Result<bool> begin_element(std::string_view line);
  Result<bool> begin_bulk(Value::Kind kind, std::string_view text);
  Result<bool> begin_aggregate(Value::Kind kind, std::string_view text, bool is_attribute = false);
  Result<bool> whole_line(Value::Kind kind, std::string_view text);
  Result<bool> end_bulk();
  bool end_element();
  Result<void> count_text(std::size_t bytes);
  Failure refuse(ErrorCode code, const std::string& what) const;
  Failure malformed(const std::string& what) const { return refuse(ErrorCode::malformed, what); }
  Failure too_large(const std::string& what) const { return refuse(ErrorCode::too_large, what); }

  const Limits limits_;
  std::vector<Open> stack_;
  Value element_;                 // what is being read, whole when a step returns true
  std::string line_;              // the beginning of a line that was split
  bool in_bulk_ = false;          // element_.text is being filled
  std::size_t bulk_bytes_ = 0;    // how long it will be
  std::size_t bulk_end_ = 0;      // how much of the "\r\n" behind it was read
  std::size_t elements_ = 0;      // of the value that is being read: announced so far
  std::size_t text_bytes_ = 0;    // the same for bytes
  std::uint64_t offset_ = 0;      // bytes taken
  std::uint64_t element_at_ = 0;  // where the element begins
  std::optional<Failure> failure_;
};

}  // namespace tidemark::resp
