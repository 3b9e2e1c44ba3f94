// Counters: what a client counts of its requests. Written by its thread alone, so that counting takes no lock; read by
// any.
#pragma once
#include <atomic>
#include <cstdint>

namespace tidemark::redis {

class Count {
 public:
  void add(std::int64_t by = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + static_cast<std::uint64_t>(by), std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct Counters {
  Count requests, answers, errors, timeouts, reconnects, redirections;
  Count connections, in_flight;  // now
};

}  // namespace tidemark::redis
