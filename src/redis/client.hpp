// Client: speaks to one Redis or Valkey server, to the master that sentinels name, or to a cluster, for the fibers of
// one I/O thread.
//
// Requests of concurrent fibers share connections and are written together (pipelining); an answer wakes the fiber that
// asked. Connections are made when they are needed and again when they broke, with growing, jittered pauses. A request
// that was not sent yet waits for its connection; one that was sent when the connection broke is sent again only if it
// is repeatable(), and otherwise reported as such: `may_have_run`. Answers MOVED, ASK, TRYAGAIN, CLUSTERDOWN, LOADING,
// MASTERDOWN and READONLY are followed or retried until the request's deadline: none of them was executed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "fiber/io_thread.hpp"
#include "redis/command.hpp"
#include "redis/options.hpp"
#include "resp/value.hpp"

namespace tidemark::redis {

// What came of a request.
struct Reply {
  // The server's answer, an error of it included; null kind when there was none.
  resp::Value value;
  // Why there was no answer: `unavailable` (no connection, or it broke), `timeout`, `overloaded`, `unauthorized`.
  std::optional<Failure> failure;
  // With a failure: the server may have executed it all the same.
  bool may_have_run = false;
  // Which connection carried it, for what must follow on the same one (WAIT). Rises with each new connection.
  std::uint64_t connection = 0;

  bool answered() const noexcept { return !failure; }
  // The value, or the failure; an error of the server becomes `internal` with its text ("about" names the command).
  Result<resp::Value> value_or_failure(std::string_view command) &&;
};

struct Statistics {
  std::uint64_t requests = 0, answers = 0, errors = 0, timeouts = 0, reconnects = 0, redirections = 0;
  std::uint64_t bytes_sent = 0, bytes_received = 0, writes = 0;  // requests / writes is the depth of pipelining
  std::uint64_t connections = 0, in_flight = 0;                  // now
};

class BlockingConnection;

// All calls on fibers of the thread, unless they say otherwise. Deadlines and cancellation of the calling fiber end a
// wait by what fiber/errors.hpp throws; a request that was sent goes on at the server.
class Client {
 public:
  // Connects nothing yet. The thread must outlive it.
  Client(fiber::IoThread& thread, Options options);
  // close(), if that was not called. No fiber may be in a call. On a fiber of the thread; after close(), or when the
  // thread has stopped, on any.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Reply call(Command command);
  // All are sent before any answer is awaited; answers in their order.
  std::vector<Reply> call_all(std::vector<Command> commands);
  // `first` and then `second`, right behind it, on one connection, whatever node that is: a commit and its WAIT.
  std::pair<Reply, Reply> call_both(Command first, Command second);
  // One answer from each master (the only node, or all that have slots), in no order. For tools and for loading
  // functions.
  std::vector<Reply> call_masters(const Command& command);

  // A connection of its own for requests that block the server's side (XREAD BLOCK), to the node that has the key.
  std::unique_ptr<BlockingConnection> open_blocking(std::string_view key);
  // Names the node that has the key at this moment: keys with equal names can share a blocking connection. Empty when
  // that is not known yet.
  std::string node_of(std::string_view key);

  bool is_cluster() const noexcept;
  // Any thread. Rises when another node may have become master (fail-over, resharding): what was known may be stale.
  std::uint64_t topology_epoch() const noexcept;
  // Any thread.
  Statistics statistics() const;
  const Options& options() const noexcept;

  // Ends all connections and the client's own fibers, those before it returns; waiting calls fail with `unavailable`,
  // as do later ones. On a fiber, or when the thread has stopped. The last call.
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One request at a time. Made by Client::open_blocking; lives on the client's thread, ends before the client.
class BlockingConnection {
 public:
  virtual ~BlockingConnection() = default;
  // Sends and waits for the answer as long as it takes, but for `at_most`: past it the connection is given up as
  // broken. After a failure the next call connects anew.
  virtual Reply call(Command command, Duration at_most) = 0;
  // On any fiber of the thread: ends a call that waits at this moment (CLIENT UNBLOCK, through another connection); it
  // returns what the server says to that (null). Nothing happens when none waits.
  virtual void unblock() = 0;
};

// The slot of a key in a cluster, by its hash tag if it has one (CRC16 modulo 16384).
std::uint16_t slot_of(std::string_view key) noexcept;

}  // namespace tidemark::redis
