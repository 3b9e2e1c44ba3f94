#include "json/schema.hpp"
#include "kit/admin/endpoints.hpp"
#include "kit/admin/groups.hpp"
#include "kit/admin/topic_state.hpp"

namespace tidemark::kit {
namespace {

struct TopicDetails {
  std::string name;
  TopicKind kind;
  std::optional<std::string> event;
  std::uint64_t length, entries_added;
  std::optional<std::uint64_t> bytes;
  std::optional<std::string> first_id, last_id;
  std::optional<TimePoint> last_time;
  std::vector<GroupState> groups;
  RetentionState retention;
  double events_per_s;
  std::optional<Json> schema;
};
BOOST_DESCRIBE_STRUCT(TopicDetails, (),
                      (name, kind, event, length, entries_added, bytes, first_id, last_id, last_time, groups, retention,
                       events_per_s, schema))

TopicDetails details_of(AdminContext& context, const std::string& name) {
  auto state = state_of(context, context.store.topic(name).or_raise());
  TopicDetails details{.name = std::move(state.name),
                       .kind = state.kind,
                       .event = std::move(state.event),
                       .length = state.length,
                       .entries_added = state.entries_added,
                       .bytes = state.bytes,
                       .first_id = std::move(state.first_id),
                       .last_id = std::move(state.last_id),
                       .last_time = state.last_time,
                       .groups = {},
                       .retention = state.retention,
                       .events_per_s = state.events_per_s,
                       .schema = {}};
  for (auto& group : group_states(context))
    if (group.topic == name) details.groups.push_back(std::move(group));
  if (const auto* event = context.event_of(name)) details.schema = Json{json::schema_document(*event)};
  return details;
}

}  // namespace

void add_topic_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("topics");
  routes.get("/topics", "All topics of the store",
             [&context](Request&) { return List<TopicState>{topic_states(context)}; });
  routes.get("/topics/{topic}", "One topic, with the schema of its events and its groups",
             [&context](Request& request) { return details_of(context, request.path_parameter("topic")); });
}

}  // namespace tidemark::kit
