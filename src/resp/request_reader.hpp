// RequestReader: makes requests of the bytes that a client sends, arrays of bulk strings or inline commands
// ("PING\r\n"), however they are split. The arguments are views into its buffer: nothing is copied.
//
//   RequestReader reader;
//   const std::span<char> room = reader.prepare();
//   reader.received(socket.read_some(room));
//   for (;;) {
//     const auto request = reader.next();
//     if (!request) return request.error();  // not RESP, or over a limit: say so and close the connection
//     if (request->empty()) break;           // more bytes are needed
//     execute(*request);                     // "SET", "key", "value"
//   }
//
// An inline command is one line of words; "…" (with \n, \r, \t, \a, \b, \xhh) and '…' (with \') keep blanks in a word.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "resp/limits.hpp"

namespace tidemark::resp {

using Request = std::span<const std::string_view>;

class RequestReader {
 public:
  static constexpr std::size_t ROOM_BYTES = 16 * 1024;

  explicit RequestReader(const Limits& limits = {}) : limits_{limits} {}

  // Room for some bytes, at least ROOM_BYTES / 2; received() then says how many of them were filled. Ends all views.
  std::span<char> prepare();
  void received(std::size_t count) noexcept { end_ += count; }

  // The next request, of one argument at least (empty ones are skipped); an empty one when more bytes are needed. Its
  // views live until the next call of next() or prepare(). Fails with `malformed` for what is no request and
  // `too_large` for what is over a limit, naming the offset since the reader's first byte; every later call fails
  // alike.
  Result<Request> next();

  // Bytes that were received and belong to no request yet. None: the client may leave.
  std::size_t waiting_bytes() const noexcept { return end_ - begin_; }

 private:
  // Where an argument stands in the buffer, counted from begin_, which moves when the buffer does.
  struct Place {
    std::size_t at = 0, size = 0;
  };

  Result<Request> read();
  Result<bool> read_array();
  Result<bool> read_bulk();
  Result<bool> read_inline();
  Result<void> split_words(std::size_t end);
  Result<void> quoted_word(std::size_t& at, std::size_t end, std::size_t& written);
  Result<std::optional<std::string_view>> length_line();
  Result<void> count_argument(std::size_t size, std::size_t at);
  Request finish();
  const char* bytes() const noexcept { return buffer_.get() + begin_; }
  std::size_t available() const noexcept { return end_ - begin_; }
  Failure refuse(ErrorCode code, const std::string& what, std::size_t at) const;

  const Limits limits_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0, end_ = 0;  // what was received and is not taken: from the first byte of a request on
  std::uint64_t taken_ = 0;          // bytes before begin_ since the first one

  // The request that is being read; positions count from begin_.
  std::size_t at_ = 0;        // read up to here
  std::size_t searched_ = 0;  // no end of a line before this
  std::size_t missing_ = 0;   // arguments yet to come
  bool in_array_ = false;
  std::optional<std::size_t> bulk_;  // the length of the argument at at_, once it is known
  std::size_t text_bytes_ = 0;
  std::vector<Place> places_;
  std::size_t finished_ = 0;  // bytes of the request that was returned, to be dropped by the next call
  std::vector<std::string_view> arguments_;
  std::optional<Failure> failure_;
};

}  // namespace tidemark::resp
