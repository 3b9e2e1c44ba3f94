#include "redis/nodes.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace tidemark::redis {

Nodes::Nodes(fiber::IoThread& thread, Options options) : thread_{thread}, options_{std::move(options)} {}

Node& Nodes::at(const Endpoint& endpoint) {
  for (const auto& node : nodes_) {
    if (node->endpoint() == endpoint) return *node;
  }
  nodes_.push_back(
      std::make_unique<Node>(thread_, endpoint, options_, counters_, traffic_, random_, [this](const Node& node) {
        if (tell_broken_) tell_broken_(node);
      }));
  return *nodes_.back();
}

void Nodes::keep_only(const std::vector<Endpoint>& endpoints) {
  std::erase_if(nodes_, [&](const auto& node) {
    return node->is_idle() && std::find(endpoints.begin(), endpoints.end(), node->endpoint()) == endpoints.end();
  });
}

std::vector<Endpoint> Nodes::ready() const {
  std::vector<Endpoint> endpoints;
  for (const auto& node : nodes_) {
    if (node->is_ready()) endpoints.push_back(node->endpoint());
  }
  return endpoints;
}

Result<resp::Value> Nodes::ask(const Endpoint& endpoint, const Command& command, Instant limit) {
  const std::string about = std::string{command.name()} + " of " + endpoint.text();
  if (is_closed()) return fail(ErrorCode::unavailable, "the client was closed", about);
  Node& node = at(endpoint);
  Connection* connection = node.connection();
  if (connection == nullptr) return node.failure().value_or(fail(ErrorCode::unavailable, "no connection", about));
  Exchange exchange;
  exchange.send(*connection, command, limit, counters_);
  return value_of(exchange.wait(), about);
}

void Nodes::raise_epoch() {
  epoch_.fetch_add(1, std::memory_order_release);
  if (tell_new_epoch_) tell_new_epoch_();
  changed_.notify_all();
}

void Nodes::close() {
  closed_ = true;
  for (const auto& node : nodes_) node->close();
  nodes_.clear();
  changed_.notify_all();
}

bool is_hopeless(const Failure& failure) noexcept {
  return failure.code == ErrorCode::unauthorized || failure.code == ErrorCode::invalid;
}

Failure worse(std::optional<Failure> before, Failure failure) {
  return before && is_hopeless(*before) ? *std::move(before) : std::move(failure);
}

Result<resp::Value> value_of(Outcome outcome, std::string about) {
  if (outcome.failure) return *std::move(outcome.failure);
  if (!outcome.value.is_error()) return std::move(outcome.value);
  if (outcome.value.error_code() == "NOPERM") {
    return fail(ErrorCode::unauthorized, outcome.value.text + "; grant it to this user with ACL SETUSER", about);
  }
  return fail(ErrorCode::unavailable, std::move(outcome.value.text), std::move(about));
}

}  // namespace tidemark::redis
