// Runtime: what the handlers and endpoints of one service share while it runs.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.hpp"
#include "kit/run/run_record.hpp"
#include "kit/run/turnstile.hpp"
#include "kit/service/catalog.hpp"
#include "store/store.hpp"
#include "telemetry/metrics.hpp"

namespace tidemark::kit {

// The wait after the store has refused something that must be done.
inline constexpr Duration STORE_RETRY = std::chrono::milliseconds{500};

struct Runtime {
  store::Store& store;
  Catalog& catalog;
  Clock& clock;
  telemetry::Metrics& metrics;
  Turnstile& suspects;  // the process's, for events that may have ended it before
  std::string service;
  std::uint16_t partitions = 1;     // of the service
  std::string consumer;             // this process, as consumer groups and the other processes of the service know it
  std::uint64_t nonce = 0;          // marks the versions that this process makes
  std::function<void()> timer_set;  // told when a commit has set a timer; any thread
  RunObserver* observer = nullptr;  // told of runs; may be null
  telemetry::Sampler sampler{};     // of traces that begin here
};

}  // namespace tidemark::kit
