// Runtime: what the handlers and endpoints of one service share while it runs.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.hpp"
#include "kit/catalog.hpp"
#include "kit/turnstile.hpp"
#include "store/store.hpp"
#include "telemetry/metrics.hpp"

namespace tidemark::kit {

struct Runtime {
  store::Store& store;
  Catalog& catalog;
  Clock& clock;
  telemetry::Metrics& metrics;
  Turnstile& suspects;  // the process's, for events that may have ended it before
  std::string service;
  std::string consumer;             // this process, as consumer groups know it
  std::uint64_t nonce = 0;          // marks the versions that this process makes
  std::function<void()> timer_set;  // told when a commit has set a timer; any thread
};

}  // namespace tidemark::kit
