#include "kit/admin/groups.hpp"

#include <algorithm>

#include "kit/admin/group_health.hpp"
#include "kit/monitor/activity.hpp"

namespace tidemark::kit {
namespace {

constexpr double MS_PER_S = 1000;

// What the store knows of a group, in all the places where it reads.
class Waiting {
 public:
  Waiting(store::Store& store, const GroupPlace& place) : store_{store}, group_{place.name().group} {
    for (const auto& topic : place.topics()) add(topic, topic == place.name().topic);
  }

  bool found = false;  // the group, at its topic
  StreamId cursor;
  std::uint64_t lag = 0, pending = 0;
  std::optional<StreamId> oldest;
  bool is_read = false;

 private:
  // Nothing where a partition has not been begun yet.
  void add(const std::string& topic, bool own_topic) {
    auto groups = store_.groups(topic);
    if (!groups && groups.error().code == ErrorCode::not_found) return;
    for (const auto& group : std::move(groups).or_raise()) {
      if (group.name != group_) continue;
      if (own_topic) {
        found = true;
        cursor = group.cursor;
      }
      lag += group.lag;
      pending += group.pending;
      is_read = is_read || std::ranges::any_of(group.consumers, [](const auto& consumer) {
                  return consumer.name != OPERATOR && consumer.idle < CONSUMER_AT_WORK;
                });
      if (group.pending > 0) note_oldest(store_.pending(topic, group_, StreamId::min(), 1));
      if (group.lag > 0) note_oldest(store_.read(topic, group.cursor, 1));
    }
  }
  template <class Entries>
  void note_oldest(const Result<Entries>& entries) {
    if (!entries || entries->empty()) return;
    const auto id = entries->front().id;
    oldest = oldest ? std::min(*oldest, id) : id;
  }

  store::Store& store_;
  const std::string& group_;
};

void add_rates(const Activity& activity, GroupState& state) {
  const telemetry::Labels labels{{"group", state.group}, {"topic", state.topic}};
  state.handled_per_s = activity.rate("tidemark_events_handled_total", labels);
  state.failed_per_s = activity.rate("tidemark_handler_failures_total", labels);
  const auto quantile = [&](double share) -> std::optional<double> {
    const auto seconds = activity.quantile("tidemark_handler_seconds", labels, share);
    if (!seconds) return std::nullopt;
    return *seconds * MS_PER_S;
  };
  state.p50_ms = quantile(0.5);
  state.p99_ms = quantile(0.99);
}

}  // namespace

GroupState group_state(AdminContext& context, const GroupPlace& place) {
  const Waiting waiting{context.store, place};
  if (!waiting.found)
    throw NotFound{"there is no group '" + place.name().group + "' of the topic '" + place.name().topic + "'"};
  GroupState state{.topic = place.name().topic,
                   .group = place.name().group,
                   .cursor = waiting.cursor.text(),
                   .lag = waiting.lag,
                   .pending = waiting.pending,
                   .dead_letters = place.dead_letters().count().or_raise()};
  if (!place.service().empty()) state.service = place.service();
  const auto now = context.clock.now();
  if (waiting.oldest)
    state.oldest_waiting_ms =
        std::max<std::int64_t>(now.time_since_epoch().count() - static_cast<std::int64_t>(waiting.oldest->ms), 0);
  const auto pause = Pauses{context.store, context.clock}.find(state.topic, state.group).or_raise();
  if (pause) state.paused = {pause->since, pause->reason, pause->by};

  GroupSigns signs{.lag = state.lag,
                   .pending = state.pending,
                   .dead_letters = state.dead_letters,
                   .is_read = waiting.is_read,
                   .pause = pause};
  if (state.oldest_waiting_ms) signs.oldest_waiting = Duration{*state.oldest_waiting_ms};
  if (const auto& handler = place.handler()) {
    state.handler = std::string{handler->spec.event->name};
    const auto stats = handler->service.keeper.stats(place.handler_number());
    state.in_flight = stats.running;
    state.parked = stats.parked;
    state.retrying = stats.waiting;
    signs.is_full = stats.is_full;
    signs.is_read = signs.is_read || !handler->service.keeper.held().empty();
  }
  if (context.activity) add_rates(*context.activity, state);
  signs.retrying = state.retrying;
  signs.parked = state.parked;
  signs.failed_per_s = state.failed_per_s;
  auto health = health_of(signs);
  state.health = std::move(health.health);
  state.why = std::move(health.why);
  return state;
}

std::vector<GroupState> group_states(AdminContext& context) {
  const auto topics = context.store.topics().or_raise();
  std::vector<GroupState> states;
  for (const auto& group : all_groups(context.store, topics)) try {
      states.push_back(group_state(context, GroupPlace{context, {group.topic, group.name}, topics}));
    } catch (const NotFound&) {
      // It was removed meanwhile.
    }
  return states;
}

}  // namespace tidemark::kit
