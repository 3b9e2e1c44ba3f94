#include "http/shard.hpp"

#include "http/connection.hpp"
#include "http/response_head.hpp"

namespace tidemark::http {
namespace {

constexpr std::size_t WASTE_BYTES = 16 * 1024;
constexpr Duration DATE_AGE_MAX{100};
constexpr std::size_t REJECTED_MAX = 256;  // at once; beyond, connections are closed without a word

}  // namespace

Shard::Shard(std::shared_ptr<ServerState> server, fiber::IoThread& thread)
    : server_{std::move(server)},
      thread_{thread},
      metrics_{server_->options.metrics, server_->options.name},
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

void Shard::drain() {
  draining_ = true;
  const std::vector<std::shared_ptr<Connection>> all{connections_.begin(), connections_.end()};
  for (const auto& connection : all) connection->drain();
}

void Shard::cut() {
  draining_ = true;
  const std::vector<std::shared_ptr<Connection>> all{connections_.begin(), connections_.end()};
  for (const auto& connection : all) connection->cut();
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
