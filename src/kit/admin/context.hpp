// AdminContext: what the operator's endpoints of a process look at and act on. Works without any service, on a bare
// store.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "kit/dispatch/partition_keeper.hpp"
#include "kit/dispatch/placement.hpp"
#include "kit/monitor/activity.hpp"
#include "kit/monitor/measure_history.hpp"
#include "kit/monitor/recorder.hpp"
#include "kit/run/runtime.hpp"
#include "kit/service/spec.hpp"
#include "kit/setup/settings.hpp"
#include "store/store.hpp"
#include "telemetry/metrics.hpp"

namespace tidemark::kit {

// One service that this process runs.
struct AdminService {
  const detail::ServiceSpec& spec;
  Runtime& runtime;
  PartitionKeeper& keeper;
  std::function<std::uint16_t()> port = [] { return std::uint16_t{0}; };  // 0 before it listens
};

// A handler of a service of this process.
struct AdminHandler {
  const AdminService& service;
  const detail::HandlerSpec& spec;
  Placement placement() const { return {service.runtime, spec}; }
};

// All that it refers to outlives it. Its functions may be called on any thread.
struct AdminContext {
  store::Store& store;
  Clock& clock;
  telemetry::Metrics& metrics;
  const Settings& settings;
  std::vector<AdminService> services;
  TimePoint started{};  // when the process was
  // What the process remembers and counts; null in one that does not.
  Recorder* recorder = nullptr;
  Activity* activity = nullptr;
  MeasureHistory* history = nullptr;

  std::vector<AdminHandler> handlers() const;
  // The handler that reads the topic as the group; none when it is another process's, or nobody's.
  std::optional<AdminHandler> find_handler(std::string_view topic, std::string_view group) const;
  // The type of a topic's events, as a service of this process declares it or reads it; null when none does.
  const TypeInfo* event_of(std::string_view topic) const;
};

}  // namespace tidemark::kit
