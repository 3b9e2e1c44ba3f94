// RequestMetrics: what a server counts, with the counters looked up once for each route and status.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "telemetry/metrics.hpp"
#include "tidemark/http.hpp"

namespace tidemark::http {

// For one thread. Counts nothing without a registry.
class RequestMetrics {
 public:
  RequestMetrics(telemetry::Metrics* registry, std::string service);

  void connection_opened();
  void connection_closed();
  void request_begun();
  // `route` is the template, a view that stays valid and where it is; empty for what no route took.
  void request_ended(Method method, std::string_view route, int status, std::chrono::steady_clock::duration took);
  // An answer to what was no request: too large, not HTTP, too slow, over a limit.
  void refused(int status);

 private:
  struct Key {
    const void* route;
    Method method;
    int status;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<const void*>{}(key.route) * 31 + static_cast<std::size_t>(key.status) * 8 +
             static_cast<std::size_t>(key.method);
    }
  };
  struct Entry {
    telemetry::Counter* count;
    telemetry::Histogram* took;
  };
  Entry& entry(Method method, std::string_view route, int status);

  telemetry::Metrics* const registry_;
  const std::string service_;
  telemetry::Gauge* connections_ = nullptr;
  telemetry::Gauge* in_flight_ = nullptr;
  std::unordered_map<Key, Entry, KeyHash> entries_;
};

}  // namespace tidemark::http
