// What waits at each handler, and which partitions of its service this process has.
#include "kit/admin/endpoints.hpp"
#include "kit/dispatch/dead_letters.hpp"

namespace tidemark::kit {
namespace {

struct HandlerState {
  std::string service, topic, group, cursor;
  std::uint64_t lag, pending, dead_letters;
};
BOOST_DESCRIBE_STRUCT(HandlerState, (), (service, topic, group, cursor, lag, pending, dead_letters))

struct Partitions {
  std::string service;
  std::uint16_t count;
  std::vector<std::uint16_t> held;
};
BOOST_DESCRIBE_STRUCT(Partitions, (), (service, count, held))

struct Handlers {
  std::vector<HandlerState> items;
  std::vector<Partitions> partitions;
};
BOOST_DESCRIBE_STRUCT(Handlers, (), (items, partitions))

// What waits at a topic for the group; nothing where a partition has not been begun yet.
void add_waiting(store::Store& store, model::GroupInfo& sum, const std::string& topic) {
  auto groups = store.groups(topic);
  if (!groups && groups.error().code == ErrorCode::not_found) return;
  for (const auto& group : std::move(groups).or_raise()) {
    if (group.name != sum.name) continue;
    sum.lag += group.lag;
    sum.pending += group.pending;
    if (topic == sum.topic) sum.cursor = group.cursor;
  }
}

HandlerState state_of(store::Store& store, const AdminHandler& handler) {
  const auto placement = handler.placement();
  model::GroupInfo sum{.topic = handler.spec.topic, .name = handler.spec.group};
  add_waiting(store, sum, handler.spec.topic);
  for (std::uint16_t number = 0; placement.has_inboxes() && number < placement.partitions(); ++number)
    add_waiting(store, sum, placement.topic(number));
  return {.service = handler.service.spec.name,
          .topic = sum.topic,
          .group = sum.name,
          .cursor = sum.cursor.text(),
          .lag = sum.lag,
          .pending = sum.pending,
          .dead_letters = DeadLetters{store, placement}.count().or_raise()};
}

}  // namespace

void add_handler_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("groups");
  routes.get("/handlers", "What waits at each handler, and the partitions that this process has", [&context](Request&) {
    Handlers answer;
    for (const auto& handler : context.handlers()) answer.items.push_back(state_of(context.store, handler));
    for (const auto& service : context.services)
      answer.partitions.push_back({service.spec.name, service.runtime.partitions, service.keeper.held()});
    return answer;
  });
}

}  // namespace tidemark::kit
