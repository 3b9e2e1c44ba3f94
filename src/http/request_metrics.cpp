#include "http/request_metrics.hpp"

namespace tidemark::http {

RequestMetrics::RequestMetrics(telemetry::Metrics* registry, std::string service)
    : registry_{registry}, service_{std::move(service)} {
  if (registry_ == nullptr) return;
  connections_ = &registry_->gauge("tidemark_http_connections", "Open HTTP connections.", {{"service", service_}});
  in_flight_ =
      &registry_->gauge("tidemark_http_requests_in_flight", "HTTP requests being answered.", {{"service", service_}});
}

void RequestMetrics::connection_opened() {
  if (connections_ != nullptr) connections_->add(1);
}

void RequestMetrics::connection_closed() {
  if (connections_ != nullptr) connections_->add(-1);
}

void RequestMetrics::request_begun() {
  if (in_flight_ != nullptr) in_flight_->add(1);
}

void RequestMetrics::request_ended(Method method, std::string_view route, int status,
                                   std::chrono::steady_clock::duration took) {
  if (registry_ == nullptr) return;
  in_flight_->add(-1);
  const Entry& counted = entry(method, route, status);
  counted.count->add();
  counted.took->observe(std::chrono::duration<double>(took).count());
}

void RequestMetrics::refused(int status) {
  if (registry_ == nullptr) return;
  registry_
      ->counter("tidemark_http_refusals_total", "Connections and requests that no handler saw, by what was answered.",
                {{"service", service_}, {"status", std::to_string(status)}})
      .add();
}

RequestMetrics::Entry& RequestMetrics::entry(Method method, std::string_view route, int status) {
  const auto [place, is_new] = entries_.try_emplace(Key{route.data(), method, status}, Entry{});
  if (is_new) {
    const std::string name{to_string(method)};
    place->second.count = &registry_->counter(
        "tidemark_http_requests_total", "HTTP requests answered.",
        {{"service", service_}, {"method", name}, {"route", std::string{route}}, {"status", std::to_string(status)}});
    place->second.took = &registry_->histogram(
        "tidemark_http_request_duration_seconds", "From a request's last byte to its answer being ready to go out.",
        {{"service", service_}, {"method", name}, {"route", std::string{route}}});
  }
  return place->second;
}

}  // namespace tidemark::http
