#include "redis/client.hpp"

#include <utility>

#include "base/assert.hpp"
#include "redis/blocking_connection.hpp"
#include "redis/call.hpp"
#include "redis/nodes.hpp"
#include "redis/topology.hpp"

namespace tidemark::redis {

struct Client::State {
  State(fiber::IoThread& thread, Options options) : nodes{thread, std::move(options)}, topology{make_topology(nodes)} {
    nodes.on_broken([this](const Node& node) { topology->look_again(&node.endpoint()); });
    nodes.on_new_epoch([this] { blocking.for_each([](BlockingLine& line) { line.leave_former_node(); }); });
  }

  Nodes nodes;
  std::unique_ptr<Topology> topology;
  fiber::List<BlockingLine, InClient> blocking;
};

Client::Client(fiber::IoThread& thread, Options options)
    : state_{std::make_unique<State>(thread, std::move(options))} {}

Client::~Client() { close(); }

Reply Client::call(Command command) {
  this_fiber::check();
  Call call{state_->nodes, *state_->topology, std::move(command)};
  call.send();
  return call.finish();
}

std::vector<Reply> Client::call_all(std::vector<Command> commands) {
  this_fiber::check();
  std::vector<Call> calls;
  calls.reserve(commands.size());
  for (Command& command : commands) calls.emplace_back(state_->nodes, *state_->topology, std::move(command)).send();
  std::vector<Reply> replies;
  replies.reserve(calls.size());
  for (Call& call : calls) replies.push_back(call.finish());
  return replies;
}

std::pair<Reply, Reply> Client::call_both(Command first, Command second) {
  this_fiber::check();
  Call call{state_->nodes, *state_->topology, std::move(first), std::move(second)};
  call.send();
  Reply reply = call.finish();
  return {std::move(reply), call.finish_follower()};
}

std::vector<Reply> Client::call_masters(const Command& command) {
  this_fiber::check();
  std::vector<Endpoint> masters = state_->topology->masters();
  if (masters.empty()) {
    // Finds the topology on the way; its answer is one that nobody counts on.
    Reply reply = call(Command{"PING"}.repeatable());
    masters = state_->topology->masters();
    if (masters.empty()) return {std::move(reply)};
  }
  std::vector<Call> calls;
  calls.reserve(masters.size());
  for (Endpoint& master : masters) {
    calls.emplace_back(state_->nodes, *state_->topology, command, std::move(master)).send();
  }
  std::vector<Reply> replies;
  for (Call& call : calls) replies.push_back(call.finish());
  return replies;
}

std::unique_ptr<BlockingConnection> Client::open_blocking(std::string_view key) {
  auto line = std::make_unique<BlockingLine>(state_->nodes, *state_->topology, std::string{key});
  state_->blocking.push_back(*line);
  return line;
}

std::string Client::node_of(std::string_view key) {
  const Endpoint* endpoint = state_->topology->route(key);
  return endpoint == nullptr ? std::string{} : endpoint->text();
}

bool Client::is_cluster() const noexcept { return options().topology == Options::Topology::cluster; }
std::uint64_t Client::topology_epoch() const noexcept { return state_->nodes.epoch(); }
const Options& Client::options() const noexcept { return state_->nodes.options(); }

Statistics Client::statistics() const {
  const Counters& counters = state_->nodes.counters();
  const Traffic& traffic = state_->nodes.traffic();
  return {.requests = counters.requests.value(),
          .answers = counters.answers.value(),
          .errors = counters.errors.value(),
          .timeouts = counters.timeouts.value(),
          .reconnects = counters.reconnects.value(),
          .redirections = counters.redirections.value(),
          .bytes_sent = traffic.bytes_sent.load(std::memory_order_relaxed),
          .bytes_received = traffic.bytes_received.load(std::memory_order_relaxed),
          .writes = traffic.writes.load(std::memory_order_relaxed),
          .connections = counters.connections.value(),
          .in_flight = counters.in_flight.value()};
}

void Client::close() {
  if (state_->nodes.is_closed()) return;
  state_->nodes.close();
  state_->blocking.for_each([](BlockingLine& line) { line.close(); });
  state_->topology->close();
}

Result<resp::Value> Reply::value_or_failure(std::string_view command) && {
  if (failure) return *std::move(failure);
  if (value.is_error()) return fail(ErrorCode::internal, std::move(value.text), std::string{command});
  return std::move(value);
}

}  // namespace tidemark::redis
