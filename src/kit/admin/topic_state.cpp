#include "kit/admin/topic_state.hpp"

#include <algorithm>

#include "kit/admin/entry_view.hpp"
#include "kit/monitor/activity_sampler.hpp"

namespace tidemark::kit {

TopicKind kind_of_topic(std::string_view name) {
  if (name.ends_with(".dead")) return TopicKind::dead_letters;
  if (name.ends_with(".redrive")) return TopicKind::redrive;
  return name.starts_with('{') ? TopicKind::inbox : TopicKind::events;
}

TopicState state_of(const AdminContext& context, const model::TopicInfo& topic) {
  TopicState state{.name = topic.name,
                   .kind = kind_of_topic(topic.name),
                   .length = topic.length,
                   .entries_added = topic.entries_added,
                   .groups = topic.groups};
  if (const auto* event = context.event_of(topic.name)) state.event = event->name;
  if (topic.bytes > 0 || topic.length == 0) state.bytes = topic.bytes;
  if (topic.length > 0) state.first_id = topic.first_id.text();
  if (topic.last_id != StreamId::min()) {
    state.last_id = topic.last_id.text();
    state.last_time = time_of(topic.last_id);
  }
  state.retention = {.max_length = topic.retention.count,
                     .max_bytes = topic.retention.bytes,
                     .drop_unacknowledged = topic.retention.force};
  if (topic.retention.age) state.retention.max_age_ms = static_cast<std::uint64_t>(topic.retention.age->count());
  if (context.activity)
    state.events_per_s = context.activity->rate(ActivitySampler::TOPIC_ENTRIES, {{"topic", topic.name}});
  return state;
}

std::vector<TopicState> topic_states(const AdminContext& context) {
  std::vector<TopicState> states;
  for (const auto& topic : context.store.topics().or_raise()) states.push_back(state_of(context, topic));
  std::ranges::sort(states, {}, &TopicState::name);
  return states;
}

}  // namespace tidemark::kit
