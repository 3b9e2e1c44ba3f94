// GroupState: what there is to say about a group, from the store, which knows what waits, and from this process, where
// its handler runs.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kit/admin/context.hpp"
#include "kit/admin/group_place.hpp"
#include "tidemark/described.hpp"

namespace tidemark::kit {

struct PauseState {
  TimePoint since;
  std::string reason, by;
};
BOOST_DESCRIBE_STRUCT(PauseState, (), (since, reason, by))

struct GroupState {
  std::string topic, group;
  std::optional<std::string> service;  // where it is known
  std::optional<std::string> handler;  // the type of event that a handler of this process takes
  std::string cursor;
  std::uint64_t lag = 0, pending = 0;                     // in all partitions, redriven events included
  std::uint64_t in_flight = 0, parked = 0, retrying = 0;  // in this process; retrying: keys
  std::optional<std::int64_t> oldest_waiting_ms;
  double handled_per_s = 0, failed_per_s = 0;
  std::optional<double> p50_ms, p99_ms;
  std::uint64_t dead_letters = 0;
  std::optional<PauseState> paused;
  std::string health, why;
};
BOOST_DESCRIBE_STRUCT(GroupState, (),
                      (topic, group, service, handler, cursor, lag, pending, in_flight, parked, retrying,
                       oldest_waiting_ms, handled_per_s, failed_per_s, p50_ms, p99_ms, dead_letters, paused, health,
                       why))

// Of all groups, by topic and name. On a fiber; throws what the store refuses.
std::vector<GroupState> group_states(AdminContext& context);
// Of one. Throws NotFound.
GroupState group_state(AdminContext& context, const GroupPlace& place);

}  // namespace tidemark::kit
