// Connection: one TCP or TLS connection to one node, as a state machine on its thread's sockets; no fiber is needed.
//
// It looks the name up, connects, negotiates TLS and says hello (RESP3, or RESP2 where the server knows no other), then
// carries requests one behind the other. All that are sent during one turn of the loop go out in one write, and the
// answers come in the order of the requests.
//
// Time-outs. A request whose deadline passes fails alone: its place in the order stays, and its answer is dropped when
// it comes. But when a request has passed its deadline and nothing at all has been heard from the server for
// Options::request_timeout, the connection is given up as broken.
//
// When a connection breaks, every request that was handed to the socket fails with `may_have_run`, and every other is
// given back with may_have_run false, in the order in which they were sent: those may be sent elsewhere. A broken
// connection stays broken; make another one.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "fiber/io_thread.hpp"
#include "redis/command.hpp"
#include "redis/options.hpp"
#include "resp/value.hpp"

namespace tidemark::redis {

// What came of a request that a connection carried.
struct Outcome {
  // The server's answer, an error of it included; null when there was none.
  resp::Value value;
  // Why there was no answer: `unavailable` (the connection broke, was closed, or could not be made), `unauthorized`
  // (one side does not accept the other's password or certificate), `invalid` (no such database; unusable files of
  // certificates), `timeout`, `overloaded` (Options::queued_bytes_max).
  std::optional<Failure> failure;
  // With a failure: the request was handed to the socket, so the server may have executed it all the same.
  bool may_have_run = false;
};

// What connections count, for metrics: any thread may read while the connections run. Outlives them.
struct Traffic {
  std::atomic<std::uint64_t> bytes_sent{0}, bytes_received{0}, writes{0};
};

// What the server said of itself in its answer to HELLO.
struct Greeting {
  int protocol = 2;     // 2 or 3
  std::string version;  // "7.0.15"; empty under RESP2, as the rest
  std::string mode;     // "standalone", "sentinel", "cluster"
  std::string role;     // "master", "replica"
};

// All calls on the thread of the IoThread, on a fiber or not; none of them waits. The callbacks run on that thread too,
// not on a fiber: they must not wait and must not throw, but may call anything here, and may destroy the connection.
class Connection {
 public:
  struct Callbacks {
    // It can carry requests at once. (What was sent before that has been waiting, and goes out now.)
    std::function<void()> ready;
    // It could not be made, or broke. Called once at most, after the callbacks of all its requests; not by close().
    std::function<void(const Failure& why)> broken;
    // What the server says unasked, under RESP3: invalidations, messages of channels.
    std::function<void(resp::Value message)> pushed;
  };
  using OnOutcome = std::function<void(Outcome outcome)>;

  // Starts to connect; nothing calls back before this has returned. Takes from the options: credentials, database, tls,
  // allow_resp3 and the limits. `traffic` may be null.
  Connection(fiber::IoThread& thread, Endpoint endpoint, const Options& options, Callbacks callbacks,
             Traffic* traffic = nullptr);
  // close(), but the callbacks of requests that are still waiting are dropped instead of called.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Queues the request; `on_outcome` is called exactly once, never within this call. Two requests sent one after the
  // other reach the server one after the other with nothing in between. `deadline` bounds the time until the whole
  // answer has come; Instant::max() is none, and then only a break ends the wait.
  void send(const Command& command, Instant deadline, OnOutcome on_outcome);

  // Ends it; all requests fail as when it breaks, within this call. Nothing calls back afterwards, but for what is sent
  // then.
  void close();

  bool is_ready() const noexcept;   // connected and greeted, neither broken nor closed
  bool is_broken() const noexcept;  // broken or closed: what is sent now fails
  // Requests without an outcome yet, and the bytes of those that were not handed to the socket.
  std::size_t in_flight() const noexcept;
  std::size_t queued_bytes() const noexcept;
  // Rises with each connection that this process makes; never 0.
  std::uint64_t id() const noexcept;
  const Endpoint& endpoint() const noexcept;
  const Greeting& greeting() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tidemark::redis
