// Groups: what waits at each, pausing and resuming, moving the cursor, and expiring one that is abandoned.
#include <algorithm>
#include <iterator>

#include "kit/admin/endpoints.hpp"
#include "kit/admin/groups.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t PENDING_SHOWN = 20;

struct ConsumerState {
  std::string name;
  std::uint64_t pending;
  std::int64_t idle_ms;
};
BOOST_DESCRIBE_STRUCT(ConsumerState, (), (name, pending, idle_ms))

struct PendingEntry {
  std::string id, consumer;
  std::int64_t idle_ms;
  std::uint32_t attempts;
  std::optional<TimePoint> retry_at;
  std::optional<std::string> last_error;
};
BOOST_DESCRIBE_STRUCT(PendingEntry, (), (id, consumer, idle_ms, attempts, retry_at, last_error))

struct GroupDetails : GroupState {
  std::vector<ConsumerState> consumers;
  std::vector<PendingEntry> oldest_pending;
};
BOOST_DESCRIBE_STRUCT(GroupDetails, (GroupState), (consumers, oldest_pending))

struct PauseWish {
  std::optional<std::string> reason, by;

  static Constraints<PauseWish> constraints() {
    return {{&PauseWish::reason, {.max_length = 500}}, {&PauseWish::by, {.max_length = 100}}};
  }
};
BOOST_DESCRIBE_STRUCT(PauseWish, (), (reason, by))

struct SeekWish {
  std::string to;
  std::optional<bool> dry_run;
};
BOOST_DESCRIBE_STRUCT(SeekWish, (), (to, dry_run))

struct Sought {
  std::string from, to;
  std::uint64_t events;
  bool exact;
  std::string direction;
};
BOOST_DESCRIBE_STRUCT(Sought, (), (from, to, events, exact, direction))

GroupPlace place_of(AdminContext& context, const Request& request) {
  return GroupPlace::find(context, {request.path_parameter("topic"), request.path_parameter("group")});
}

PendingEntry entry_of(const model::PendingInfo& entry) {
  return {.id = entry.id.text(),
          .consumer = entry.consumer,
          .idle_ms = entry.idle.count(),
          .attempts = entry.attempts,
          .retry_at = entry.retry_at,
          .last_error = entry.last_error.empty() ? std::nullopt : std::optional{entry.last_error}};
}

// One may read in several places.
void add_consumer(std::vector<ConsumerState>& all, const model::ConsumerInfo& consumer) {
  if (consumer.name == OPERATOR) return;
  const auto known = std::ranges::find(all, consumer.name, &ConsumerState::name);
  if (known == all.end()) return all.push_back({consumer.name, consumer.pending, consumer.idle.count()});
  known->pending += consumer.pending;
  known->idle_ms = std::min(known->idle_ms, consumer.idle.count());
}

GroupDetails details_of(AdminContext& context, const GroupPlace& place) {
  GroupDetails details;
  static_cast<GroupState&>(details) = group_state(context, place);
  std::vector<model::PendingInfo> oldest;
  for (const auto& topic : place.topics()) {
    const auto groups = context.store.groups(topic);
    if (!groups) continue;
    for (const auto& group : *groups) {
      if (group.name != place.name().group) continue;
      for (const auto& consumer : group.consumers) add_consumer(details.consumers, consumer);
      if (group.pending == 0) continue;
      auto entries = context.store.pending(topic, group.name, StreamId::min(), PENDING_SHOWN).or_raise();
      std::ranges::move(entries, std::back_inserter(oldest));
    }
  }
  std::ranges::stable_sort(oldest, {}, &model::PendingInfo::id);
  if (oldest.size() > PENDING_SHOWN) oldest.resize(PENDING_SHOWN);
  std::ranges::transform(oldest, std::back_inserter(details.oldest_pending), entry_of);
  return details;
}

// The other processes see it with their next heart-beat.
void apply_pauses(const GroupPlace& place) {
  if (!place.handler()) return;
  const auto looked = place.handler()->service.keeper.look_at_pauses();
  if (!looked) log::warn("a pause is seen later", {{"error", looked.error().text()}});
}

GroupState pause(AdminContext& context, const PauseWish& wish, const Request& request) {
  const auto place = place_of(context, request);
  const auto& [topic, group] = place.name();
  const auto by = wish.by.value_or("the admin API");
  Pauses{context.store, context.clock}.pause(topic, group, wish.reason.value_or(""), by).or_raise();
  log::warn(
      "a group was paused",
      {{"topic", topic}, {"group", group}, {"by", by}, {"reason", wish.reason.value_or("")}, {"peer", request.peer}});
  apply_pauses(place);
  return group_state(context, place);
}

GroupState resume(AdminContext& context, const Request& request) {
  const auto place = place_of(context, request);
  const auto& [topic, group] = place.name();
  if (Pauses{context.store, context.clock}.resume(topic, group).or_raise())
    log::warn("a group was resumed", {{"topic", topic}, {"group", group}, {"peer", request.peer}});
  apply_pauses(place);
  return group_state(context, place);
}

Sought seek(AdminContext& context, const SeekWish& wish, const Request& request) {
  const auto place = place_of(context, request);
  auto cursor = place.cursor();
  const auto to = cursor.position(wish.to).or_raise();
  const bool dry = wish.dry_run.value_or(false);
  const auto move = (dry ? cursor.plan(to) : cursor.move(to)).or_raise();
  const auto* direction = move.to == move.from ? "none" : move.is_back() ? "back" : "forward";
  if (!dry)
    log::warn("a group's cursor was moved", {{"topic", place.name().topic},
                                             {"group", place.name().group},
                                             {"from", move.from.text()},
                                             {"to", move.to.text()},
                                             {"events", move.events},
                                             {"peer", request.peer}});
  return {move.from.text(), move.to.text(), move.events, move.is_exact, direction};
}

void expire(AdminContext& context, const Request& request) {
  const auto place = place_of(context, request);
  const auto& [topic, group] = place.name();
  if (place.handler())
    throw Conflict{"a handler of this process reads '" + topic + "' as '" + group +
                   "'; take it out of its service first"};
  GroupCursor{context.store, context.clock, topic, group, std::nullopt}.remove().or_raise();
  log::warn("an abandoned group was removed", {{"topic", topic}, {"group", group}, {"peer", request.peer}});
}

}  // namespace

void add_group_endpoints(AdminRoutes& routes, AdminContext& context) {
  const std::string one = "/groups/{topic}/{group}";
  routes.family("groups");
  routes.get("/groups", "All groups, and how they are",
             [&context](Request&) { return List<GroupState>{group_states(context)}; });
  routes.get(one, "One group, with its consumers and what is pending",
             [&context](Request& request) { return details_of(context, place_of(context, request)); });
  routes.post<PauseWish>(one + "/pause", "The handler begins nothing more, in all processes, until it is resumed",
                         [&context](const PauseWish& wish, Request& request) { return pause(context, wish, request); });
  routes.post(one + "/resume", "The handler goes on",
              [&context](Request& request) { return resume(context, request); });
  routes.post<SeekWish>(one + "/seek", "Has a paused group's events handled again, or skips some",
                        [&context](const SeekWish& wish, Request& request) { return seek(context, wish, request); });
  routes.erase(one, "Expires an abandoned group", [&context](Request& request) { expire(context, request); });
}

}  // namespace tidemark::kit
