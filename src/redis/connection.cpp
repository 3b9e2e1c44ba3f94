#include "redis/connection.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "fiber/timer.hpp"
#include "redis/handshake.hpp"
#include "redis/link.hpp"
#include "redis/pipeline.hpp"
#include "resp/value_reader.hpp"

namespace tidemark::redis {
namespace {

constexpr std::size_t READ_BYTES = 64 * 1024;
constexpr std::size_t BUFFER_KEPT = 1024 * 1024;  // a larger one is given back once it is written

// Our own server is trusted to be no attacker, but not with all of our memory.
resp::Limits answer_limits() {
  resp::Limits limits;
  limits.elements_max = 16u << 20;
  return limits;
}

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

struct Connection::State : std::enable_shared_from_this<State> {
  State(fiber::IoThread& thread, Endpoint endpoint, const Options& options, Callbacks on, Traffic* counts);

  void start();
  void send(const Command& command, Instant deadline, OnOutcome on_outcome);
  void end(const Failure& why, bool tell);

  void greet(const Result<void>& connected);
  void read();
  void on_read(const boost::system::error_code& error, std::size_t count);
  void take(resp::Value value);
  void take_greeting(const resp::Value& value);
  void take_answer(resp::Value value);
  void flush_soon();
  void flush();
  void write_greeting();
  void write();
  void on_written(const boost::system::error_code& error, std::size_t count);
  void refuse(OnOutcome on_outcome, Failure failure);
  void tell_refused();

  void arm(Instant deadline);
  void on_timer();
  void time_out(Instant now);
  Instant given_up_at() const;

  Failure about_server(Failure failure) const;

  enum class Phase { connecting, greeting, ready, ended };

  fiber::Loop& loop;
  const Endpoint endpoint;
  const Duration request_timeout, connect_timeout;
  const std::size_t queued_bytes_max;
  const std::uint64_t id = next_id();
  Callbacks callbacks;
  Traffic* const traffic;  // may be null

  Phase phase = Phase::connecting;
  bool dropped = false;  // the Connection is gone: nothing calls back
  Link link;
  Handshake handshake;
  resp::ValueReader reader{answer_limits()};
  std::vector<char> room = std::vector<char>(READ_BYTES);

  Pipeline pipeline;
  std::string writing, greeting_bytes;
  bool write_under_way = false, flush_posted = false;
  std::vector<std::pair<OnOutcome, Failure>> refused;  // to be told so when the loop turns

  fiber::Timer timer;
  Instant armed_for = Instant::max();
  Instant connect_deadline;
  // When the server was last heard, or, if that is later, when it was first asked something after it had answered all.
  Instant silent_since{};
};

Connection::State::State(fiber::IoThread& thread, Endpoint server, const Options& options, Callbacks on,
                         Traffic* counts)
    : loop{thread.loop()},
      endpoint{std::move(server)},
      request_timeout{options.request_timeout},
      connect_timeout{options.connect_timeout},
      queued_bytes_max{options.queued_bytes_max},
      callbacks{std::move(on)},
      traffic{counts},
      link{thread.io(), endpoint, options.tls},
      handshake{options},
      timer{loop, [this] { on_timer(); }},
      connect_deadline{loop.clock().instant() + options.connect_timeout} {}

void Connection::State::start() {
  arm(connect_deadline);
  link.connect([self = shared_from_this()](const Result<void>& connected) { self->greet(connected); });
}

Failure Connection::State::about_server(Failure failure) const {
  failure.about = "redis " + endpoint.text();
  return failure;
}

// --- Connecting ---

void Connection::State::greet(const Result<void>& connected) {
  if (phase != Phase::connecting) return;
  if (!connected) return end(about_server(connected.error()), true);
  phase = Phase::greeting;
  handshake.begin(greeting_bytes);
  write_greeting();
  read();
}

void Connection::State::take_greeting(const resp::Value& value) {
  const Result<bool> done = handshake.answer(value, greeting_bytes);
  if (!done) return end(about_server(done.error()), true);
  if (!greeting_bytes.empty() && !write_under_way) write_greeting();
  if (!*done) return;
  phase = Phase::ready;
  if (callbacks.ready) callbacks.ready();
  if (phase == Phase::ready) flush_soon();
}

// --- Reading ---

void Connection::State::read() {
  link.read_some(room, [self = shared_from_this()](const boost::system::error_code& error, std::size_t count) {
    self->on_read(error, count);
  });
}

void Connection::State::on_read(const boost::system::error_code& error, std::size_t count) {
  if (phase == Phase::ended) return;
  if (error) {
    Failure why = link.explain(error);
    if (phase == Phase::greeting && why.code == ErrorCode::unavailable && !link.is_tls())
      why.message += " while we said hello; a port for TLS does that (rediss:// asks for it)";
    return end(about_server(std::move(why)), true);
  }
  silent_since = loop.clock().instant();
  if (traffic != nullptr) traffic->bytes_received.fetch_add(count, std::memory_order_relaxed);
  std::string_view bytes{room.data(), count};
  while (phase != Phase::ended) {
    auto value = reader.next(bytes);
    if (!value) return end(about_server(fail(ErrorCode::unavailable, value.error().text())), true);
    if (!*value) return read();
    take(**std::move(value));
  }
}

void Connection::State::take(resp::Value value) {
  if (value.kind == resp::Value::Kind::push) {
    if (callbacks.pushed) callbacks.pushed(std::move(value));
  } else if (phase == Phase::greeting) {
    take_greeting(value);
  } else {
    take_answer(std::move(value));
  }
}

void Connection::State::take_answer(resp::Value value) {
  if (!pipeline.awaits_answer()) {
    return end(about_server(fail(ErrorCode::unavailable, "the server says what nobody asked for: " + value.text)),
               true);
  }
  if (const OnOutcome on_outcome = pipeline.take_answered()) on_outcome({.value = std::move(value)});
}

// --- Writing ---

void Connection::State::send(const Command& command, Instant deadline, OnOutcome on_outcome) {
  if (phase == Phase::ended) {
    return refuse(std::move(on_outcome),
                  about_server(fail(ErrorCode::unavailable, "the connection has ended; make another one")));
  }
  const std::size_t held = pipeline.unsent_bytes() + writing.size();
  if (held > 0 && held + command.bytes() > queued_bytes_max) {
    return refuse(std::move(on_outcome),
                  about_server(fail(ErrorCode::overloaded,
                                    std::to_string(held) + " bytes of requests wait for the server already")));
  }
  pipeline.add(command, deadline, std::move(on_outcome));
  if (deadline < armed_for) arm(deadline);
  flush_soon();
}

// Whatever else this turn of the loop sends goes out with it.
void Connection::State::flush_soon() {
  if (phase != Phase::ready || write_under_way || flush_posted || !pipeline.has_unsent()) return;
  flush_posted = true;
  loop.post([self = shared_from_this()] {
    self->flush_posted = false;
    self->flush();
  });
}

void Connection::State::flush() {
  if (phase != Phase::ready || write_under_way || !pipeline.has_unsent()) return;
  if (!pipeline.awaits_answer()) silent_since = loop.clock().instant();
  pipeline.send_all(writing);
  write();
}

void Connection::State::write_greeting() {
  writing.clear();
  writing.swap(greeting_bytes);
  write();
}

void Connection::State::write() {
  write_under_way = true;
  if (traffic != nullptr) traffic->writes.fetch_add(1, std::memory_order_relaxed);
  link.write(writing, [self = shared_from_this()](const boost::system::error_code& error, std::size_t count) {
    self->on_written(error, count);
  });
}

void Connection::State::on_written(const boost::system::error_code& error, std::size_t count) {
  write_under_way = false;
  if (phase == Phase::ended) return;
  if (traffic != nullptr) traffic->bytes_sent.fetch_add(count, std::memory_order_relaxed);
  if (error) {
    // Why it does not want our greeting, the server may have said before it closed: the reading finds that.
    if (phase == Phase::ready) end(about_server(link.explain(error)), true);
    return;
  }
  writing.clear();
  if (writing.capacity() > BUFFER_KEPT) writing.shrink_to_fit();
  if (!greeting_bytes.empty()) return write_greeting();
  flush();
}

// --- Deadlines ---

void Connection::State::arm(Instant deadline) {
  armed_for = deadline;
  if (deadline == Instant::max()) {
    timer.cancel();
  } else {
    timer.arm(deadline);
  }
}

void Connection::State::on_timer() {
  const auto self = shared_from_this();
  armed_for = Instant::max();
  const Instant now = loop.now();
  if (phase != Phase::ready && now >= connect_deadline) {
    return end(about_server(fail(ErrorCode::unavailable, std::string{link.doing()} + " took longer than " +
                                                             std::to_string(connect_timeout.count()) + " ms")),
               true);
  }
  time_out(now);
  if (phase == Phase::ended) return;
  if (now >= given_up_at()) {
    return end(about_server(fail(ErrorCode::unavailable, "the server has said nothing for " +
                                                             std::to_string((now - silent_since).count()) + " ms")),
               true);
  }
  // A callback may have armed it for something earlier.
  const Instant to_connect = phase == Phase::ready ? Instant::max() : connect_deadline;
  arm(std::min({armed_for, to_connect, pipeline.next_deadline(), given_up_at()}));
}

void Connection::State::time_out(Instant now) {
  for (const auto& [on_outcome, was_sent] : pipeline.time_out(now)) {
    if (dropped) return;
    on_outcome({.failure = about_server(fail(ErrorCode::timeout, was_sent ? "no answer in time" : "not sent in time")),
                .may_have_run = was_sent});
  }
}

// When the server's silence ends the connection: only while a request whose time has passed heads the queue.
Instant Connection::State::given_up_at() const {
  return phase == Phase::ready && pipeline.front_is_late() ? silent_since + request_timeout : Instant::max();
}

// --- The end ---

void Connection::State::end(const Failure& why, bool tell) {
  if (phase == Phase::ended) return;
  const auto self = shared_from_this();
  phase = Phase::ended;
  timer.cancel();
  link.close();
  for (const auto& [on_outcome, was_sent] : pipeline.end_all()) {
    if (!dropped) on_outcome({.failure = why, .may_have_run = was_sent});
  }
  tell_refused();
  if (tell && !dropped && callbacks.broken) callbacks.broken(why);
}

void Connection::State::refuse(OnOutcome on_outcome, Failure failure) {
  refused.emplace_back(std::move(on_outcome), std::move(failure));
  if (refused.size() == 1) loop.post([self = shared_from_this()] { self->tell_refused(); });
}

void Connection::State::tell_refused() {
  const auto told = std::exchange(refused, {});
  for (const auto& [on_outcome, failure] : told) {
    if (!dropped) on_outcome({.failure = failure});
  }
}

// --- The public face ---

Connection::Connection(fiber::IoThread& thread, Endpoint endpoint, const Options& options, Callbacks callbacks,
                       Traffic* traffic)
    : state_{std::make_shared<State>(thread, std::move(endpoint), options, std::move(callbacks), traffic)} {
  TIDEMARK_ASSERT(thread.loop().in_thread(), "a connection made on another thread than its own");
  state_->start();
}

Connection::~Connection() {
  state_->dropped = true;
  state_->end({}, false);
}

void Connection::send(const Command& command, Instant deadline, OnOutcome on_outcome) {
  state_->send(command, deadline, std::move(on_outcome));
}

void Connection::close() {
  state_->end(state_->about_server(fail(ErrorCode::unavailable, "the connection was closed")), false);
}

bool Connection::is_ready() const noexcept { return state_->phase == State::Phase::ready; }
bool Connection::is_broken() const noexcept { return state_->phase == State::Phase::ended; }
std::size_t Connection::in_flight() const noexcept { return state_->pipeline.size(); }
std::size_t Connection::queued_bytes() const noexcept { return state_->pipeline.unsent_bytes(); }
std::uint64_t Connection::id() const noexcept { return state_->id; }
const Endpoint& Connection::endpoint() const noexcept { return state_->endpoint; }
const Greeting& Connection::greeting() const noexcept { return state_->handshake.greeting(); }

}  // namespace tidemark::redis
