// Node: one server of the topology, and the connections to it. They are made when something is to be sent, and again
// after a pause when they broke.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "fiber/io_thread.hpp"
#include "redis/backoff.hpp"
#include "redis/connection.hpp"
#include "redis/counters.hpp"
#include "redis/options.hpp"

namespace tidemark::redis {

// All calls on the thread.
class Node {
 public:
  // `on_broken` is called when a connection could not be made, or broke; it must not destroy the node.
  Node(fiber::IoThread& thread, Endpoint endpoint, const Options& options, Counters& counters, Traffic& traffic,
       Random& random, std::function<void(const Node&)> on_broken);
  // close().
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const Endpoint& endpoint() const noexcept { return endpoint_; }
  // The connection to send on, perhaps one that is only being made: the one with the fewest requests. Null during the
  // pause after a failure, until retry_at().
  Connection* connection();
  Instant retry_at() const noexcept { return retry_at_; }
  // Why there is no connection, or was none at the last attempt.
  const std::optional<Failure>& failure() const noexcept { return failure_; }
  // Whether a connection is ready at this moment.
  bool is_ready() const noexcept;
  bool is_idle() const noexcept;
  // Requests on their way fail as when the connection breaks.
  void close();

 private:
  // One of Options::connections. Keeps its place, for the callbacks know it.
  struct Line {
    std::unique_ptr<Connection> connection;
    bool is_counted = false;  // it is ready
    bool was_ready = false;   // one before it, or it itself
  };

  void open(Line& line);
  void on_ready(Line& line);
  void on_broken(Line& line, const Failure& why);

  fiber::IoThread& thread_;
  const Endpoint endpoint_;
  const Options& options_;
  Counters& counters_;
  Traffic& traffic_;
  const std::function<void(const Node&)> tell_broken_;
  Backoff backoff_;
  Instant retry_at_{};
  std::optional<Failure> failure_;
  std::vector<Line> lines_;
};

}  // namespace tidemark::redis
