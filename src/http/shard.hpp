// Shard: what a server has on one I/O thread: its connections there, what they share, and the list of those that have
// something to write at this turn of the loop.
#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fiber/io_thread.hpp"
#include "fiber/sync.hpp"
#include "fiber/timer.hpp"
#include "http/request_metrics.hpp"
#include "http/server.hpp"

namespace tidemark::http {

class Connection;

// What all shards of a server share.
struct ServerState {
  ServerOptions options;
  Handler handler;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> requests_in_flight{0};
};

// All calls but size() and expect() on its thread.
class Shard final : public std::enable_shared_from_this<Shard> {
 public:
  // `count`: how many shards the server has.
  Shard(std::shared_ptr<ServerState> server, fiber::IoThread& thread, std::size_t count);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Takes a new connection over. One above the limit is told so, and closed.
  void adopt(std::shared_ptr<Connection> connection);
  // Its socket is closed and none of its fibers runs.
  void remove(const std::shared_ptr<Connection>& connection);
  // Calls the connection's flush() when what is ready at this turn has run.
  void flush_soon(std::shared_ptr<Connection> connection);

  // A connection holds another number of bytes than before. May close others, and this one.
  void note_held(std::size_t before, std::size_t now);
  // Whether the connections here hold more than their share, without the bytes of the one that asks.
  bool is_overfull(std::size_t own = 0) const noexcept { return held_ - own > held_share_; }
  // Where that is so, closes those of slow clients that hold most. Not on a fiber: it may be one of
  // theirs.
  void make_room();

  // Lets what runs finish; closes what is idle.
  void drain();
  // Cancels what runs, closes all.
  void cut();
  // On a fiber: whether no connection is left by `limit`.
  bool wait_empty_until(Instant limit);

  // For the Date header; a tenth of a second behind at most.
  std::string_view date();

  const ServerOptions& options() const noexcept { return server_->options; }
  ServerState& server() noexcept { return *server_; }
  RequestMetrics& metrics() noexcept { return metrics_; }
  fiber::Loop& loop() noexcept { return thread_.loop(); }
  fiber::IoThread& thread() noexcept { return thread_; }
  // Where to read what nobody wants.
  std::vector<char>& waste() noexcept { return waste_; }
  // Any thread: how many connections it has, with those on their way to adopt(), which expect() announces.
  std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
  void expect() noexcept { size_.fetch_add(1, std::memory_order_relaxed); }

 private:
  void flush_all();

  const std::shared_ptr<ServerState> server_;
  fiber::IoThread& thread_;
  RequestMetrics metrics_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::atomic<std::size_t> size_{0};
  const std::size_t held_share_;
  std::size_t held_ = 0;
  fiber::Timer room_timer_;  // armed after a look for connections to close: until then nobody looks
  fiber::Signal removed_;
  bool draining_ = false;
  std::vector<std::shared_ptr<Connection>> to_flush_, flushing_;
  Instant date_until_ = Instant::min();
  std::string date_;
  std::vector<char> waste_;
};

}  // namespace tidemark::http
