// Exchange: one request on a connection, and the fiber that awaits what comes of it. The fiber may go away first: the
// request then goes on without it.
#pragma once
#include "base/clock.hpp"
#include "fiber/sync.hpp"
#include "redis/connection.hpp"
#include "redis/counters.hpp"

namespace tidemark::redis {

// All calls on the connection's thread.
class Exchange {
 public:
  Exchange() noexcept = default;
  Exchange(Exchange&& other) noexcept : shared_{std::exchange(other.shared_, nullptr)} {}
  Exchange& operator=(Exchange&& other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
  }
  ~Exchange() { abandon(); }

  // Whatever was sent before is abandoned.
  void send(Connection& connection, const Command& command, Instant deadline, Counters& counters);
  bool sent() const noexcept { return shared_ != nullptr; }
  // On a fiber: what came of the request that was sent; then there is none any more. Throws Cancelled and
  // DeadlineExceeded.
  Outcome wait();
  void abandon() noexcept;

 private:
  // Belongs to the exchange, and when that has abandoned it, to the connection's callback.
  struct Shared {
    explicit Shared(Counters& all) : counters{all} {}
    Counters& counters;
    Outcome outcome;
    fiber::Signal arrived;
    bool done = false, abandoned = false;
  };

  Shared* shared_ = nullptr;
};

}  // namespace tidemark::redis
