#include "redis/cluster.hpp"

#include <algorithm>
#include <utility>

#include "redis/client.hpp"
#include "telemetry/log.hpp"

namespace tidemark::redis {
namespace {

constexpr Duration ANSWER_AT_MOST{1'000};  // a node that hangs should not keep us from the next one

void append_new(std::vector<Endpoint>& list, const std::vector<Endpoint>& more) {
  for (const Endpoint& endpoint : more) {
    if (std::find(list.begin(), list.end(), endpoint) == list.end()) list.push_back(endpoint);
  }
}

}  // namespace

ClusterTopology::ClusterTopology(Nodes& nodes)
    : nodes_{nodes}, discovery_{nodes, "redis-cluster", [this] { return look(); }} {}

const Endpoint* ClusterTopology::route(std::string_view key) {
  if (!key.empty()) return map_.owner_of(slot_of(key));
  return map_.any_owner();
}

Failure ClusterTopology::why_unknown(std::string_view key) const {
  if (discovery_.failure()) return *discovery_.failure();
  if (map_.empty()) return fail(ErrorCode::unavailable, "its nodes were not asked yet", "the cluster");
  return fail(ErrorCode::unavailable,
              "no node serves the slot " + std::to_string(slot_of(key)) + " of the key '" + std::string{key} +
                  "'; see `redis-cli --cluster check`",
              "the cluster");
}

void ClusterTopology::look_again(const Endpoint* doubted) {
  if (doubted != nullptr) doubted_ = *doubted;
  discovery_.start();
}

bool ClusterTopology::moved(std::uint16_t slot, const Endpoint& owner) {
  if (const Endpoint* known = map_.owner_of(slot); known == nullptr || *known != owner) {
    map_.assign(slot, slot, owner);
    nodes_.raise_epoch();
  }
  discovery_.start();
  return true;
}

std::vector<Endpoint> ClusterTopology::candidates() const {
  std::vector<Endpoint> list = nodes_.ready();
  append_new(list, map_.owners());
  append_new(list, nodes_.options().seeds);
  if (doubted_) {
    std::stable_partition(list.begin(), list.end(), [this](const Endpoint& endpoint) { return endpoint != *doubted_; });
  }
  return list;
}

Result<void> ClusterTopology::look() {
  std::optional<Failure> last;
  for (const Endpoint& endpoint : candidates()) {
    auto map = ask(endpoint);
    if (!map) {
      last = worse(std::move(last), map.error());
      continue;
    }
    doubted_.reset();
    adopt(*std::move(map));
    return {};
  }
  return last.value_or(fail(ErrorCode::unavailable, "there is no node to ask", "the cluster"));
}

Result<SlotMap> ClusterTopology::ask(const Endpoint& endpoint) {
  const auto answer = nodes_.ask(endpoint, Command{"CLUSTER", "SLOTS"}, nodes_.now() + ANSWER_AT_MOST);
  TIDEMARK_TRY(answer);
  auto map = read_cluster_slots(*answer, endpoint);
  if (map && map->empty()) {
    return fail(ErrorCode::unavailable, "no slot is served yet; see `redis-cli --cluster check`", endpoint.text());
  }
  return map;
}

void ClusterTopology::adopt(SlotMap map) {
  const std::vector<Endpoint> owners = map.owners();
  if (!(map == map_)) {
    const bool is_first = map_.empty();
    map_ = std::move(map);
    log::info("redis: slots", {{"masters", owners.size()}});
    if (!is_first) nodes_.raise_epoch();
  }
  nodes_.keep_only(owners);
}

}  // namespace tidemark::redis
