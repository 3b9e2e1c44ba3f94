#include "kit/dispatch/hosted_service.hpp"

#include "base/random.hpp"
#include "kit/dispatch/placement.hpp"

namespace tidemark::kit {

HostedService::HostedService(const Surroundings& surroundings, const detail::ServiceSpec& spec,
                             std::vector<fiber::Loop*> loops)
    : spec_{spec},
      catalog_{surroundings.store, spec},
      runtime_{.store = surroundings.store,
               .catalog = catalog_,
               .clock = surroundings.clock,
               .metrics = surroundings.metrics,
               .suspects = surroundings.suspects,
               .service = spec.name,
               .partitions = surroundings.partitions,
               .consumer = surroundings.consumer,
               .nonce = thread_random().next(),
               .timer_set = surroundings.timer_set,
               .observer = surroundings.observer,
               .sampler = surroundings.sampler},
      keeper_{std::move(loops), runtime_, spec} {}

Result<void> HostedService::declare_groups() {
  TIDEMARK_TRY(runtime_.store.declare_partitions(spec_.name, runtime_.partitions));
  for (const auto& handler : spec_.handlers) TIDEMARK_TRY(declare_group(handler));
  return {};
}

Result<void> HostedService::declare() { return catalog_.declare(); }

// At the topic itself: the forwarder moves it, or, where there are no inboxes, the dispatcher reads as it.
Result<void> HostedService::declare_group(const detail::HandlerSpec& handler) {
  auto begin = StreamId::min();
  if (handler.from_now_on) {
    if (auto topic = runtime_.store.topic(handler.topic)) begin = topic->last_id;
  }
  return runtime_.store.declare_group(handler.topic, handler.group, begin);
}

void HostedService::add_routes(http::Router& router) {
  for (const auto& spec : spec_.endpoints) {
    auto& endpoint = endpoints_.emplace_back(runtime_, gate_, spec_, spec);
    router.add(spec.method, spec.path, [&endpoint](Request& request) { return endpoint(request); });
  }
  for (const auto& spec : spec_.events) {
    auto& stream = streams_.emplace_back(runtime_, spec);
    router.get(spec.path, [&stream](Request& request) { return stream(request); });
  }
}

}  // namespace tidemark::kit
