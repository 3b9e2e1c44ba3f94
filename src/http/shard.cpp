#include "http/shard.hpp"

#include <algorithm>

#include "http/connection.hpp"
#include "http/response_head.hpp"
#include "telemetry/log.hpp"

namespace tidemark::http {
namespace {

constexpr std::size_t WASTE_BYTES = 16 * 1024;
constexpr Duration DATE_AGE_MAX{100};
constexpr Duration HELD_MIN{1000};         // nobody is cut off sooner, whatever they hold
constexpr Duration CLOSE_INTERVAL{100};    // between two looks at all connections
constexpr std::size_t REJECTED_MAX = 256;  // at once; beyond, connections are closed without a word

}  // namespace

Shard::Shard(std::shared_ptr<ServerState> server, fiber::IoThread& thread, std::size_t count)
    : server_{std::move(server)},
      thread_{thread},
      metrics_{server_->options.metrics, server_->options.name},
      held_share_{std::max(server_->options.held_bytes_max / count, 2 * server_->options.limits.body_bytes_max)},
      room_timer_{thread.loop(), [this] { make_room(); }},
      waste_(WASTE_BYTES) {}

Shard::~Shard() = default;

void Shard::adopt(std::shared_ptr<Connection> connection) {
  const std::size_t count = server_->connections.fetch_add(1, std::memory_order_relaxed) + 1;
  connections_.insert(connection);
  metrics_.connection_opened();
  const std::size_t count_max = server_->options.connections_max;
  if (draining_ || count > count_max + REJECTED_MAX) {
    connection->cut();
  } else if (count > count_max) {
    connection->reject();
  } else {
    connection->start();
  }
}

void Shard::remove(const std::shared_ptr<Connection>& connection) {
  if (connections_.erase(connection) == 0) return;
  server_->connections.fetch_sub(1, std::memory_order_relaxed);
  size_.fetch_sub(1, std::memory_order_relaxed);
  metrics_.connection_closed();
  if (connections_.empty()) removed_.notify_all();
}

void Shard::flush_soon(std::shared_ptr<Connection> connection) {
  to_flush_.push_back(std::move(connection));
  if (to_flush_.size() == 1) loop().post([self = shared_from_this()] { self->flush_all(); });
}

void Shard::flush_all() {
  flushing_.swap(to_flush_);
  for (const auto& connection : flushing_) connection->flush();
  flushing_.clear();
}

void Shard::note_held(std::size_t before, std::size_t now) {
  held_ += now - before;
  if (now > before) make_room();
}

void Shard::make_room() {
  if (!is_overfull() || room_timer_.armed()) return;
  room_timer_.arm(loop().now() + CLOSE_INTERVAL);
  const Instant since_max = loop().now() - HELD_MIN;
  std::vector<std::pair<std::size_t, std::shared_ptr<Connection>>> slow;
  for (const auto& connection : connections_) {
    const auto held = connection->held();
    if (held && held->since <= since_max) slow.emplace_back(held->bytes, connection);
  }
  // Those that hold most first: as few as possible lose their connection.
  std::sort(slow.begin(), slow.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::size_t closed = 0;
  for (auto at = slow.begin(); at != slow.end() && held_ > held_share_; ++at, ++closed) at->second->cut();
  if (closed == 0) return;
  log::warn("closed connections whose clients kept too much waiting",
            {{"connections", closed}, {"service", server_->options.name}});
}

void Shard::drain() {
  draining_ = true;
  const std::vector<std::shared_ptr<Connection>> all{connections_.begin(), connections_.end()};
  for (const auto& connection : all) connection->drain();
}

void Shard::cut() {
  draining_ = true;
  const std::vector<std::shared_ptr<Connection>> all{connections_.begin(), connections_.end()};
  for (const auto& connection : all) connection->cut();
  room_timer_.cancel();
}

bool Shard::wait_empty_until(Instant limit) {
  return removed_.wait_until(limit, [this] { return connections_.empty(); });
}

std::string_view Shard::date() {
  if (loop().now() >= date_until_) {
    date_until_ = loop().now() + DATE_AGE_MAX;
    date_ = http_date(loop().clock().now());
  }
  return date_;
}

}  // namespace tidemark::http
