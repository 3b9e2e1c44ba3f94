#include "kit/dispatch/handler_metrics.hpp"

namespace tidemark::kit {
namespace {

telemetry::Labels labels_of(const std::string& service, const detail::HandlerSpec& spec) {
  return {{"service", service}, {"topic", spec.topic}, {"group", spec.group}};
}

void move(telemetry::Gauge& gauge, std::size_t& shown, std::size_t now) {
  if (now == shown) return;
  gauge.add(static_cast<double>(now) - static_cast<double>(shown));
  shown = now;
}

}  // namespace

HandlerMetrics::HandlerMetrics(telemetry::Metrics& metrics, const std::string& service, const detail::HandlerSpec& spec)
    : handled{metrics.counter("tidemark_events_handled_total", "Events whose effects were committed.",
                              labels_of(service, spec))},
      failures{metrics.counter("tidemark_handler_failures_total", "Runs of handlers that failed.",
                               labels_of(service, spec))},
      conflicts{metrics.counter("tidemark_handler_conflicts_total",
                                "Runs repeated because what they had read was changed meanwhile.",
                                labels_of(service, spec))},
      buried{metrics.counter("tidemark_dead_letters_total", "Events given up on.", labels_of(service, spec))},
      seconds{metrics.histogram("tidemark_handler_seconds", "Duration of runs of handlers, their commit included.",
                                labels_of(service, spec))},
      running_{metrics.gauge("tidemark_handler_runs_in_flight", "Keys whose events a handler is running.",
                             labels_of(service, spec))},
      parked_{metrics.gauge("tidemark_handler_parked_events", "Events that wait behind a failed one of their key.",
                            labels_of(service, spec))} {}

void HandlerMetrics::has_in_hand(std::size_t running, std::size_t parked) {
  move(running_, shown_running_, running);
  move(parked_, shown_parked_, parked);
}

}  // namespace tidemark::kit
