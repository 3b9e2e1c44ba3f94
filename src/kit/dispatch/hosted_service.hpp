// HostedService: one service while it runs, without the socket in front of it: its catalog, its partitions, the routes
// of its endpoints. On loops that somebody else drives: I/O threads (ServiceHost), or a simulation.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "http/router.hpp"
#include "kit/dispatch/partition_keeper.hpp"
#include "kit/endpoint/endpoint.hpp"
#include "kit/endpoint/event_stream.hpp"
#include "kit/run/runtime.hpp"
#include "kit/service/spec.hpp"

namespace tidemark::kit {

// What the hosted services of a process share. Outlives them.
struct Surroundings {
  store::Store& store;
  Clock& clock;
  telemetry::Metrics& metrics;
  Turnstile& suspects;
  std::string consumer;             // this process, as consumer groups know it
  std::uint16_t partitions = 1;     // of each service
  std::function<void()> timer_set;  // told when a commit has set a timer; any thread
  RunObserver* observer = nullptr;  // told of runs; may be null
  telemetry::Sampler sampler{};     // of traces that begin here
};

class HostedService {
 public:
  // Its partitions are kept on the first of the loops; its handlers are spread over all of them.
  HostedService(const Surroundings& surroundings, const detail::ServiceSpec& spec, std::vector<fiber::Loop*> loops);
  HostedService(const HostedService&) = delete;
  HostedService& operator=(const HostedService&) = delete;

  // Declares the handlers' groups at the store, and then topics and collections: what a group has not seen yet must not
  // be dropped by the retention of its topic, whichever service declares that. On a fiber.
  Result<void> declare_groups();
  Result<void> declare();
  // Adds a route for each endpoint and each stream of events; they refer to this object. Throws Invalid for clashes.
  void add_routes(http::Router& router);

  const detail::ServiceSpec& spec() const { return spec_; }
  Runtime& runtime() { return runtime_; }
  PartitionKeeper& keeper() { return keeper_; }

 private:
  Result<void> declare_group(const detail::HandlerSpec& handler);

  const detail::ServiceSpec& spec_;
  Catalog catalog_;
  Runtime runtime_;
  IdempotencyGate gate_;
  std::deque<Endpoint> endpoints_;
  std::deque<EventStream> streams_;
  PartitionKeeper keeper_;
};

}  // namespace tidemark::kit
