// Session: one HTTP/1.1 connection without its socket: takes bytes, hands out requests, takes answers in any order and
// gives back the bytes to write, in the order of the requests (RFC 9112).
//
//   session.received(socket.read(session.prepare()));
//   while (auto incoming = session.next()) start(std::move(*incoming));
//   …
//   session.answer(ticket, response, date);
//   session.written(socket.write(session.output()));
//   if (session.finished()) close();
//
// What can't be read is answered by the session itself, with problem+json, as the last answer.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/output.hpp"
#include "http/request_parser.hpp"
#include "http/session_limits.hpp"
#include "tidemark/http.hpp"

namespace tidemark::http {

class Session {
 public:
  // Names a request until it is answered; they count up from 0.
  using Ticket = std::uint64_t;

  struct Incoming {
    Ticket ticket = 0;
    Request request;
  };

  explicit Session(const SessionLimits& limits);

  // --- Input ---

  // Room to read into; at least a few KiB. Valid until the next call of prepare().
  std::span<char> prepare();
  void received(std::size_t count);
  // The client sends no more. Requests that came whole are still answered.
  void received_end();
  // Whether more should be read: not when the client has enough to wait for, and not before a close.
  bool wants_input() const noexcept;
  // The next complete request. Call it until there is none after received(), and whenever wants_input() may have
  // changed.
  std::optional<Incoming> next(std::string_view date);

  // --- Answers, once for each ticket ---

  void answer(Ticket ticket, Response response, std::string_view date);
  // Or in parts: the head, then any number of pieces, then the end.
  void begin_stream(Ticket ticket, const Response& head, std::string_view date);
  void stream(Ticket ticket, std::string_view bytes);
  void end_stream(Ticket ticket);

  // --- Output ---

  bool has_output() const noexcept { return !output_.empty(); }
  std::size_t gather(std::span<std::string_view> pieces) const noexcept { return output_.gather(pieces); }
  void written(std::size_t count);
  // How many bytes of this stream, and of what goes before it, have not been written.
  std::size_t backlog(Ticket ticket) const noexcept;

  // --- The end ---

  // Reads no further requests; the last answer says "Connection: close".
  void close_after_answers();
  // The client takes too long: 408 if it is in the middle of a request; reads no further.
  void time_out(std::string_view date);
  // Answers the client before it has asked anything, and reads nothing from it.
  void refuse(int status, std::string_view detail, std::string_view date);
  // No further request will be read.
  bool closing() const noexcept { return closing_; }
  // Everything is answered and written, and nothing more will be read: close the socket.
  bool finished() const noexcept { return closing_ && slots_.empty() && output_.empty(); }
  // No request is being answered or has begun to come.
  bool idle() const noexcept;

  RequestParser::State reading() const noexcept;
  std::size_t body_bytes() const noexcept { return parser_.body_bytes(); }
  // Memory that waits for the client: what has come of a body, and answers that it has not taken yet.
  std::size_t held_bytes() const noexcept;
  std::size_t requests_waiting() const noexcept { return slots_.size(); }
  // The status of the refusal, 0 while there is none.
  int refused_with() const noexcept { return refused_with_; }

 private:
  struct Slot {
    bool keep_alive = true;
    bool is_http_1_0 = false;
    bool is_head = false;
    bool is_answered = false;
    bool is_chunked = false;
    bool has_body = true;
    Output output;  // while others come first
  };

  Slot& slot(Ticket ticket);
  Output& output_of(Ticket ticket);
  bool closes_after(Ticket ticket) const noexcept;
  std::size_t unwritten() const noexcept;
  void finish(Ticket ticket);
  Ticket open_slot(const ParsedRequest& parsed);
  void invite_body();

  const SessionLimits limits_;
  RequestParser parser_;
  std::vector<char> input_;
  std::size_t input_begin_ = 0, input_end_ = 0;  // of what was received and not consumed
  std::deque<Slot> slots_;
  Ticket first_ticket_ = 0;  // of slots_.front()
  std::size_t running_ = 0;  // slots that are not answered
  Output output_;
  bool closing_ = false;
  bool invited_body_ = false;  // "100 Continue" was written for the present request
  int refused_with_ = 0;
};

}  // namespace tidemark::http
