// What the admin API says of topics.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kit/admin/context.hpp"
#include "model/topic.hpp"
#include "tidemark/described.hpp"

namespace tidemark::kit {

enum class TopicKind {
  events,
  dead_letters,  // of a group
  redrive,       // events that only one group is given again
  inbox,         // of a partition of a service: what a forwarder has brought
};
BOOST_DESCRIBE_ENUM(TopicKind, events, dead_letters, redrive, inbox)

// As the names of topics tell it (Placement).
TopicKind kind_of_topic(std::string_view name);

// Empty where everything is kept.
struct RetentionState {
  std::optional<std::uint64_t> max_length, max_age_ms, max_bytes;
  bool drop_unacknowledged = false;  // whether they drop that, too
};
BOOST_DESCRIBE_STRUCT(RetentionState, (), (max_length, max_age_ms, max_bytes, drop_unacknowledged))

struct TopicState {
  std::string name;
  TopicKind kind = TopicKind::events;
  std::optional<std::string> event;  // the type of its events, where a service of this process knows it
  std::uint64_t length = 0, entries_added = 0;
  std::optional<std::uint64_t> bytes;  // none where the store does not count them
  std::optional<std::string> first_id, last_id;
  std::optional<TimePoint> last_time;
  std::uint32_t groups = 0;
  RetentionState retention;
  double events_per_s = 0;
};
BOOST_DESCRIBE_STRUCT(TopicState, (),
                      (name, kind, event, length, entries_added, bytes, first_id, last_id, last_time, groups, retention,
                       events_per_s))

TopicState state_of(const AdminContext& context, const model::TopicInfo& topic);

// All topics of the store, by name. On a fiber.
std::vector<TopicState> topic_states(const AdminContext& context);

}  // namespace tidemark::kit
