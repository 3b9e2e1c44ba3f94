#include "redis/node.hpp"

#include <algorithm>
#include <utility>

#include "telemetry/log.hpp"

namespace tidemark::redis {

Node::Node(fiber::IoThread& thread, Endpoint endpoint, const Options& options, Counters& counters, Traffic& traffic,
           Random& random, std::function<void(const Node&)> on_broken)
    : thread_{thread},
      endpoint_{std::move(endpoint)},
      options_{options},
      counters_{counters},
      traffic_{traffic},
      tell_broken_{std::move(on_broken)},
      backoff_{options.retry_first, options.retry_at_most, random},
      lines_(std::max(1u, options.connections)) {}

Node::~Node() { close(); }

Connection* Node::connection() {
  Line* best = nullptr;
  Line* vacant = nullptr;
  for (Line& line : lines_) {
    if (!line.connection || line.connection->is_broken()) {
      vacant = &line;
    } else if (best == nullptr || line.connection->in_flight() < best->connection->in_flight()) {
      best = &line;
    }
  }
  const bool wants_more = best == nullptr || best->connection->in_flight() > 0;
  if (vacant != nullptr && wants_more && thread_.loop().now() >= retry_at_) {
    open(*vacant);
    if (best == nullptr) best = vacant;
  }
  return best == nullptr ? nullptr : best->connection.get();
}

void Node::open(Line& line) {
  line.connection = std::make_unique<Connection>(
      thread_, endpoint_, options_,
      Connection::Callbacks{.ready = [this, &line] { on_ready(line); },
                            .broken = [this, &line](const Failure& why) { on_broken(line, why); },
                            .pushed = nullptr},
      &traffic_);
}

void Node::on_ready(Line& line) {
  line.is_counted = true;
  counters_.connections.add();
  if (std::exchange(line.was_ready, true)) counters_.reconnects.add();
  if (std::exchange(failure_, std::nullopt)) log::info("redis: connected again", {{"server", endpoint_.text()}});
  backoff_.reset();
}

void Node::on_broken(Line& line, const Failure& why) {
  if (std::exchange(line.is_counted, false)) counters_.connections.add(-1);
  if (!failure_) log::warn("redis: no connection", {{"server", endpoint_.text()}, {"reason", why.message}});
  failure_ = why;
  retry_at_ = thread_.loop().now() + backoff_.next();
  tell_broken_(*this);
}

bool Node::is_ready() const noexcept {
  return std::any_of(lines_.begin(), lines_.end(),
                     [](const Line& line) { return line.connection && line.connection->is_ready(); });
}

bool Node::is_idle() const noexcept {
  return std::all_of(lines_.begin(), lines_.end(),
                     [](const Line& line) { return !line.connection || line.connection->in_flight() == 0; });
}

void Node::close() {
  for (Line& line : lines_) {
    if (!line.connection) continue;
    line.connection->close();
    if (std::exchange(line.is_counted, false)) counters_.connections.add(-1);
    line.connection.reset();
  }
}

}  // namespace tidemark::redis
