#include "http/session.hpp"

#include <array>
#include <charconv>
#include <cstring>

#include "base/assert.hpp"
#include "http/problem.hpp"
#include "http/response_head.hpp"

namespace tidemark::http {
namespace {

constexpr std::size_t READ_BYTES_MIN = 4 * 1024;
constexpr std::size_t READ_BYTES_BODY = 64 * 1024;
constexpr std::size_t IDLE_BYTES_MAX = 16 * 1024;  // kept by a connection that has nothing to say

void append_chunk(std::string& out, std::string_view bytes) {
  std::array<char, 16> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr);
  out += "\r\n";
  out += bytes;
  out += "\r\n";
}

}  // namespace

Session::Session(const SessionLimits& limits) : limits_{limits}, parser_{limits_} {}

std::span<char> Session::prepare() {
  if (input_begin_ == input_end_) input_begin_ = input_end_ = 0;
  const std::size_t wanted = parser_.body_bytes() > READ_BYTES_MIN ? READ_BYTES_BODY : READ_BYTES_MIN;
  if (input_.size() - input_end_ < wanted && input_begin_ > 0) {
    std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
    input_end_ -= input_begin_;
    input_begin_ = 0;
  }
  if (input_end_ == 0 && input_.size() > IDLE_BYTES_MAX && parser_.state() == RequestParser::State::idle) {
    input_ = std::vector<char>(READ_BYTES_MIN);
  }
  if (input_.size() - input_end_ < wanted) input_.resize(input_end_ + wanted);
  return std::span{input_}.subspan(input_end_);
}

void Session::received(std::size_t count) {
  TIDEMARK_ASSERT(count <= input_.size() - input_end_);
  input_end_ += count;
}

void Session::received_end() { closing_ = true; }

bool Session::wants_input() const noexcept {
  return !closing_ && slots_.size() < limits_.pipelined_max && running_ < limits_.running_max &&
         unwritten() < limits_.output_bytes_max;
}

// Answers that are ready and wait for earlier ones included.
std::size_t Session::unwritten() const noexcept {
  return slots_.empty() ? output_.size() : backlog(first_ticket_ + slots_.size() - 1);
}

std::optional<Session::Incoming> Session::next(std::string_view date) {
  if (!wants_input()) return std::nullopt;
  const std::string_view bytes{input_.data() + input_begin_, input_end_ - input_begin_};
  if (!bytes.empty()) input_begin_ += parser_.feed(bytes);
  if (parser_.state() == RequestParser::State::complete) {
    ParsedRequest parsed = parser_.take();
    invited_body_ = false;
    const Ticket ticket = open_slot(parsed);
    return Incoming{ticket, std::move(parsed.request)};
  }
  if (parser_.state() == RequestParser::State::refused) {
    refuse(parser_.refusal().status, parser_.refusal().detail, date);
  } else {
    invite_body();
  }
  return std::nullopt;
}

Session::Ticket Session::open_slot(const ParsedRequest& parsed) {
  slots_.push_back({.keep_alive = parsed.keep_alive,
                    .is_http_1_0 = parsed.is_http_1_0,
                    .is_head = parsed.request.method == Method::head});
  ++running_;
  if (!parsed.keep_alive) closing_ = true;
  return first_ticket_ + slots_.size() - 1;
}

// "100 Continue" must not overtake an answer that comes first.
void Session::invite_body() {
  if (!parser_.wants_continue() || invited_body_ || !slots_.empty()) return;
  output_.text() += "HTTP/1.1 100 Continue\r\n\r\n";
  invited_body_ = true;
}

Session::Slot& Session::slot(Ticket ticket) {
  TIDEMARK_ASSERT(ticket >= first_ticket_ && ticket - first_ticket_ < slots_.size(), "no request with ticket ", ticket);
  return slots_[ticket - first_ticket_];
}

Output& Session::output_of(Ticket ticket) { return ticket == first_ticket_ ? output_ : slot(ticket).output; }

bool Session::closes_after(Ticket ticket) const noexcept {
  return closing_ && ticket == first_ticket_ + slots_.size() - 1;
}

void Session::answer(Ticket ticket, Response response, std::string_view date) {
  Slot& to = slot(ticket);
  TIDEMARK_ASSERT(!to.is_answered, "ticket ", ticket, " was answered twice");
  const bool close = closes_after(ticket);
  const std::size_t size = response.shared_body ? response.shared_body->size() : response.body.size();
  Framing framing{.close = close, .keep_alive = to.is_http_1_0 && !close};
  if (may_have_body(response.status)) framing.content_length = size;
  Output& out = output_of(ticket);
  append_head(out.text(), response, framing, date);
  if (may_have_body(response.status) && !to.is_head) {
    if (response.shared_body) {
      out.add(std::move(response.shared_body));
    } else {
      out.add(std::move(response.body));
    }
  }
  finish(ticket);
}

void Session::begin_stream(Ticket ticket, const Response& head, std::string_view date) {
  Slot& to = slot(ticket);
  TIDEMARK_ASSERT(!to.is_answered, "ticket ", ticket, " was answered twice");
  to.is_chunked = !to.is_http_1_0;
  to.has_body = !to.is_head && may_have_body(head.status);
  if (to.is_http_1_0) closing_ = true;  // only the end of the connection ends the body
  const bool close = closes_after(ticket);
  append_head(output_of(ticket).text(), head, {.chunked = to.is_chunked, .close = close}, date);
}

void Session::stream(Ticket ticket, std::string_view bytes) {
  const Slot& to = slot(ticket);
  if (bytes.empty() || !to.has_body) return;
  std::string& out = output_of(ticket).text();
  if (to.is_chunked) {
    append_chunk(out, bytes);
  } else {
    out += bytes;
  }
}

void Session::end_stream(Ticket ticket) {
  const Slot& to = slot(ticket);
  if (to.is_chunked && to.has_body) output_of(ticket).text() += "0\r\n\r\n";
  finish(ticket);
}

// Moves what the answered requests at the front have to say to the output, and what the first unanswered one has said.
void Session::finish(Ticket ticket) {
  slot(ticket).is_answered = true;
  --running_;
  while (!slots_.empty() && slots_.front().is_answered) {
    slots_.pop_front();
    ++first_ticket_;
    if (!slots_.empty()) output_.take(slots_.front().output);
  }
  invite_body();
}

void Session::written(std::size_t count) { output_.written(count); }

std::size_t Session::backlog(Ticket ticket) const noexcept {
  std::size_t total = output_.size();
  for (std::size_t i = 0; i < slots_.size() && first_ticket_ + i <= ticket; ++i) total += slots_[i].output.size();
  return total;
}

void Session::close_after_answers() { closing_ = true; }

void Session::time_out(std::string_view date) {
  if (reading() == RequestParser::State::idle) {
    closing_ = true;
  } else {
    refuse(408, "the request did not come whole in time", date);
  }
}

void Session::refuse(int status, std::string_view detail, std::string_view date) {
  if (closing_) return;
  refused_with_ = status;
  slots_.push_back({.keep_alive = false});
  ++running_;
  closing_ = true;
  answer(first_ticket_ + slots_.size() - 1, problem_of(status, detail), date);
}

std::size_t Session::held_bytes() const noexcept {
  std::size_t total = parser_.body_bytes() + output_.own_size();
  for (const Slot& waiting : slots_) total += waiting.output.own_size();
  return total;
}

bool Session::idle() const noexcept { return slots_.empty() && reading() == RequestParser::State::idle; }

RequestParser::State Session::reading() const noexcept {
  const auto state = parser_.state();
  return state == RequestParser::State::idle && input_begin_ < input_end_ ? RequestParser::State::header : state;
}

}  // namespace tidemark::http
