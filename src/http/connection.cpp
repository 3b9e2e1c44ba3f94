#include "http/connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>

#include "fiber/errors.hpp"
#include "http/cross_site.hpp"
#include "http/event_stream.hpp"
#include "http/problem.hpp"
#include "http/shard.hpp"
#include "telemetry/log.hpp"

namespace tidemark::http {
namespace {

using boost::system::error_code;

// How much of a stream may wait for the client before its fiber does.
constexpr std::size_t STREAM_BACKLOG_MAX = 64 * 1024;
// After our last word: how long a client may take to stop talking. Closing while it does would cost it the answer.
constexpr Duration LINGER{1000};
constexpr std::size_t PIECES_MAX = 16;  // of one write

// Who looks whether the process is alive must not kill it because it is busy.
bool is_of_health(const Request& request) { return request.path.starts_with("/health/"); }

std::string peer_of(const Connection::Socket& socket) {
  error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return {};
  const std::string address = peer.address().to_string();
  return (peer.address().is_v6() ? '[' + address + ']' : address) + ':' + std::to_string(peer.port());
}

}  // namespace

Connection::Connection(Shard& shard, Socket socket)
    : shard_{shard},
      socket_{std::move(socket)},
      session_{shard.options().limits},
      timer_{shard.loop(), [this] { on_timer(); }},
      peer_{peer_of(socket_)} {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
}

void Connection::start() {
  update_deadline();
  read();
}

void Connection::reject() {
  session_.refuse(503, "this server has as many connections as it may have; try again", shard_.date());
  note_refusal();
  flush();
}

// --- Reading ---

void Connection::read() {
  if (reading_ || closed_ || input_ended_) return;
  // When nothing more is wanted, reading still tells when the client has gone.
  wastes_input_ = lingering_ || (session_.closing() && has_streams());
  if (!wastes_input_ && !session_.wants_input()) return;
  reading_ = true;
  const std::span<char> room = wastes_input_ ? std::span{shard_.waste()} : session_.prepare();
  socket_.async_read_some(boost::asio::buffer(room.data(), room.size()),
                          [self = shared_from_this()](const error_code& error, std::size_t count) {
                            self->reading_ = false;
                            self->on_read(error, count);
                          });
}

void Connection::on_read(const error_code& error, std::size_t count) {
  if (closed_) return;
  if (error) {
    input_ended_ = true;
    session_.received_end();
    cancel_streams();
    // Behind an end of file the answers may still be wanted; behind an error nobody is there.
    if (error != boost::asio::error::eof || lingering_ || session_.finished()) return close();
  } else if (!wastes_input_) {
    session_.received(count);
    run_requests();
  }
  read();
  update_deadline();
  note_held();
}

void Connection::run_requests() {
  while (auto incoming = session_.next(shard_.date())) {
    phase_ = Phase::none;  // what comes next is another request, with its own time
    begin(std::move(*incoming));
  }
  note_refusal();
  const bool can_write = session_.has_output() && !write_blocked_;
  const bool can_close = session_.finished() && !lingering_;
  if (can_write || can_close) flush_soon();
}

// --- Running ---

void Connection::begin(Session::Incoming incoming) {
  ServerState& server = shard_.server();
  const auto ticket = incoming.ticket;
  if (shard_.is_overfull(held_) && !is_of_health(incoming.request))
    return turn_away(ticket, "too many answers wait for clients that do not take them; try again");
  if (server.requests_in_flight.fetch_add(1, std::memory_order_relaxed) >= server.options.requests_in_flight_max) {
    server.requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
    return turn_away(ticket, "too many requests are running; try again");
  }
  shard_.metrics().request_begun();
  incoming.request.peer = peer_;
  running_.push_back({.ticket = ticket, .body_bytes = incoming.request.body.size()});
  auto request = std::make_unique<Request>(std::move(incoming.request));
  try {
    running_.back().fiber = shard_.loop().spawn(
        "http-request",
        [self = shared_from_this(), ticket, request = std::move(request)] { self->serve(ticket, *request); });
  } catch (const Error& error) {  // no stack to be had
    shard_.metrics().request_ended(Method::get, {}, 503, {});
    session_.answer(ticket, problem_of(503, error.what()), shard_.date());
    end(ticket);
  }
}

void Connection::turn_away(Session::Ticket ticket, std::string_view why) {
  const ServerOptions& options = shard_.options();
  const int status = options.overload_status;
  Response refusal = Response::problem(status, reason_of(status), why, to_string(ErrorCode::overloaded));
  refusal.with("Retry-After", std::to_string(options.retry_after.count()));
  shard_.metrics().refused(status);
  session_.answer(ticket, std::move(refusal), shard_.date());
}

void Connection::serve(Session::Ticket ticket, Request& request) {
  const auto begun = std::chrono::steady_clock::now();
  Response response = respond(request);
  const int status = response.status;
  shard_.metrics().request_ended(request.method, request.route, status, std::chrono::steady_clock::now() - begun);
  log::debug("request", {{"method", to_string(request.method)}, {"path", request.path}, {"status", status}});
  if (!closed_) {
    allow_origin(response, request, shard_.options().cors);
    if (response.events && request.method != Method::head) {
      run_events(ticket, std::move(response));
    } else {
      compress(response, request, shard_.options().compression);
      session_.answer(ticket, std::move(response), shard_.date());
    }
  }
  end(ticket);
}

Response Connection::respond(Request& request) {
  try {
    if (auto preflight = answer_preflight(request, shard_.options().cors)) return std::move(*preflight);
    if (auto refusal = refuse_other_sites(request, shard_.options().cors)) return std::move(*refusal);
    return shard_.server().handler(request);
  } catch (...) {
    return problem_of(std::current_exception());
  }
}

void Connection::run_events(Session::Ticket ticket, Response response) {
  const auto running = [this, ticket] {
    return std::find_if(running_.begin(), running_.end(), [&](const Running& r) { return r.ticket == ticket; });
  };
  running()->is_stream = true;
  if (input_ended_ || draining_) running()->fiber.cancel();
  session_.begin_stream(ticket, response, shard_.date());
  flush_soon();
  bool is_whole = true;
  try {
    EventStream events{*this, ticket};
    response.events(events);
  } catch (const fiber::Cancelled&) {
    // The client has gone, or the server is draining.
  } catch (const std::exception& error) {
    log::error("an event stream failed", {{"error", error.what()}, {"peer", peer_}});
    is_whole = false;
  } catch (...) {
    log::error("an event stream failed", {{"error", "an exception of an unknown type"}, {"peer", peer_}});
    is_whole = false;
  }
  if (closed_) return;
  if (!is_whole) return close();
  session_.end_stream(ticket);
}

void Connection::stream(Session::Ticket ticket, std::string_view bytes) {
  this_fiber::check();
  if (closed_) throw fiber::Cancelled{"the client has gone"};
  session_.stream(ticket, bytes);
  flush_soon();
  room_.wait([&] { return closed_ || session_.backlog(ticket) <= (shard_.is_overfull() ? 0 : STREAM_BACKLOG_MAX); });
  if (closed_) throw fiber::Cancelled{"the client has gone"};
}

void Connection::end(Session::Ticket ticket) {
  shard_.server().requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
  std::erase_if(running_, [&](const Running& running) { return running.ticket == ticket; });
  if (!closed_) return flush_soon();
  if (running_.empty()) shard_.remove(shared_from_this());
}

bool Connection::has_streams() const {
  return std::any_of(running_.begin(), running_.end(), [](const Running& running) { return running.is_stream; });
}

void Connection::cancel_streams() {
  for (Running& running : running_) {
    if (running.is_stream) running.fiber.cancel();
  }
}

// --- Writing ---

void Connection::flush_soon() {
  if (flush_pending_) return;
  flush_pending_ = true;
  shard_.flush_soon(shared_from_this());
}

void Connection::flush() {
  flush_pending_ = false;
  if (closed_) return;
  write();
  if (closed_) return;
  run_requests();
  read();
  update_deadline();
  note_held();
}

void Connection::write() {
  while (session_.has_output() && !write_blocked_) {
    error_code error;
    const std::size_t count = write_some(error);
    if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) return wait_writable();
    if (error) return close();
    session_.written(count);
    write_progress_ = shard_.loop().now();
    room_.notify_all();
  }
  if (session_.finished()) linger();
}

std::size_t Connection::write_some(error_code& error) {
  std::array<std::string_view, PIECES_MAX> pieces;
  const std::size_t count = session_.gather(pieces);
  if (count == 1) return socket_.write_some(boost::asio::buffer(pieces[0].data(), pieces[0].size()), error);
  std::array<boost::asio::const_buffer, PIECES_MAX> buffers;
  std::transform(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(count), buffers.begin(),
                 [](std::string_view piece) { return boost::asio::buffer(piece.data(), piece.size()); });
  return socket_.write_some(buffers, error);
}

void Connection::wait_writable() {
  write_blocked_ = true;
  if (write_progress_ == Instant{}) write_progress_ = shard_.loop().now();
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->write_blocked_ = false;
    if (!error && !self->closed_) self->flush();
  });
}

// --- What waits for the client ---

void Connection::note_held() {
  std::size_t held = 0;
  if (!closed_) {
    held = session_.held_bytes();
    for (const Running& running : running_) held += running.body_bytes;
  }
  if (held != held_) shard_.note_held(std::exchange(held_, held), held);
}

std::optional<Connection::Held> Connection::held() const {
  if (closed_ || held_ == 0) return std::nullopt;
  if (write_blocked_) return Held{held_, write_progress_};
  if (phase_ == Phase::body) return Held{held_, body_due()};
  return std::nullopt;
}

// --- Deadlines ---

void Connection::update_deadline() {
  if (closed_ || lingering_) return;
  set_deadline(write_blocked_ ? write_progress_ + shard_.options().write_timeout : read_deadline());
}

Instant Connection::read_deadline() {
  const ServerOptions& options = shard_.options();
  if (!session_.wants_input()) {
    phase_ = Phase::none;
    return Instant::max();
  }
  Phase phase = Phase::none;
  switch (session_.reading()) {
    case RequestParser::State::header: phase = Phase::header; break;
    case RequestParser::State::body: phase = Phase::body; break;
    default: phase = session_.idle() ? Phase::idle : Phase::none;
  }
  if (phase != phase_) {
    phase_ = phase;
    phase_since_ = shard_.loop().now();
  }
  switch (phase_) {
    case Phase::header: return phase_since_ + options.header_timeout;
    case Phase::body: return body_due() + options.body_timeout;
    case Phase::idle: return phase_since_ + options.idle_timeout;
    case Phase::none: break;
  }
  return Instant::max();
}

Instant Connection::body_due() const {
  const std::size_t rate = std::max<std::size_t>(shard_.options().body_rate_min, 1);
  return phase_since_ + Duration{session_.body_bytes() * 1000 / rate};
}

void Connection::set_deadline(Instant deadline) {
  deadline_ = deadline;
  if (deadline_ >= armed_for_) return;
  armed_for_ = deadline_;
  timer_.arm(deadline_);
}

void Connection::on_timer() {
  armed_for_ = Instant::max();
  if (closed_) return;
  if (shard_.loop().now() < deadline_) {
    if (deadline_ != Instant::max()) set_deadline(deadline_);
    return;
  }
  if (lingering_ || write_blocked_) return close();
  session_.time_out(shard_.date());
  note_refusal();
  deadline_ = Instant::max();
  flush_soon();
}

void Connection::note_refusal() {
  if (refusal_noted_ || session_.refused_with() == 0) return;
  refusal_noted_ = true;
  shard_.metrics().refused(session_.refused_with());
}

// --- The end ---

void Connection::drain() {
  draining_ = true;
  // A stream has no end to wait for: of a client that does not even take what there is, nothing is expected.
  const bool only_streams = std::all_of(running_.begin(), running_.end(), [](const Running& r) { return r.is_stream; });
  if (write_blocked_ && !running_.empty() && only_streams) return close();
  session_.close_after_answers();
  cancel_streams();
  flush_soon();
}

void Connection::cut() {
  const auto self = shared_from_this();
  for (Running& running : running_) running.fiber.cancel();
  close();
}

void Connection::linger() {
  if (lingering_) return;
  error_code ignored;
  if (input_ended_) return close();
  lingering_ = true;
  socket_.shutdown(Socket::shutdown_send, ignored);
  set_deadline(shard_.loop().now() + LINGER);
  read();
}

void Connection::close() {
  if (closed_) return;
  const auto self = shared_from_this();
  closed_ = true;
  timer_.cancel();
  error_code ignored;
  socket_.close(ignored);
  cancel_streams();
  room_.notify_all();
  note_held();
  if (running_.empty()) shard_.remove(self);
}

}  // namespace tidemark::http
