// HandlerMetrics: what a dispatcher counts (docs/metrics.md). Those of one handler's partitions count together.
#pragma once
#include <cstddef>
#include <string>

#include "kit/service/spec.hpp"
#include "telemetry/metrics.hpp"

namespace tidemark::kit {

// On one thread.
class HandlerMetrics {
 public:
  HandlerMetrics(telemetry::Metrics& metrics, const std::string& service, const detail::HandlerSpec& spec);
  // What it has in hand goes to nothing.
  ~HandlerMetrics() { has_in_hand(0, 0); }
  HandlerMetrics(const HandlerMetrics&) = delete;
  HandlerMetrics& operator=(const HandlerMetrics&) = delete;

  telemetry::Counter& handled;
  telemetry::Counter& failures;
  telemetry::Counter& conflicts;
  telemetry::Counter& buried;
  telemetry::Histogram& seconds;

  // From here on so many runs are going on, and so many events are parked.
  void has_in_hand(std::size_t running, std::size_t parked);

 private:
  telemetry::Gauge& running_;
  telemetry::Gauge& parked_;
  std::size_t shown_running_ = 0, shown_parked_ = 0;
};

}  // namespace tidemark::kit
