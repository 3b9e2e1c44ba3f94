// Signal, Semaphore and WaitGroup: how fibers of one loop wait for each other. All calls on that loop's thread; only
// what waits needs to be on a fiber. No mutex is needed: between two waits, nothing else runs on the loop.
#pragma once
#include <cstddef>

#include "base/assert.hpp"
#include "base/clock.hpp"
#include "fiber/fiber.hpp"
#include "fiber/wait_list.hpp"

namespace tidemark::fiber {

// "Something may have changed": a condition variable. Not remembered: who waits later waits for the next one.
class Signal {
 public:
  // Waits for the next notification. Throws Cancelled and DeadlineExceeded, like all of these.
  void wait() { waiting_.wait(); }
  // False when `limit` passes first.
  [[nodiscard]] bool wait_until(Instant limit) { return waiting_.wait_until(limit); }

  // Waits until `holds()`; looks first, and after each notification.
  template <class Predicate>
  void wait(Predicate holds) {
    this_fiber::check();
    while (!holds()) waiting_.wait();
  }
  // Whether `holds()` by `limit`.
  template <class Predicate>
  [[nodiscard]] bool wait_until(Instant limit, Predicate holds) {
    this_fiber::check();
    while (!holds()) {
      if (!waiting_.wait_until(limit)) return holds();
    }
    return true;
  }

  void notify_one() noexcept { waiting_.notify_one(); }
  void notify_all() noexcept { waiting_.notify_all(); }

 private:
  WaitList waiting_;
};

// A number of permits; who waits gets one in the order of asking, and nobody overtakes.
class Semaphore {
 public:
  explicit Semaphore(std::size_t permits) : permits_{permits} {}

  // Takes a permit, waiting for one.
  void acquire();
  [[nodiscard]] bool try_acquire() noexcept;
  // Whether a permit was had by `limit`.
  [[nodiscard]] bool acquire_until(Instant limit);
  void release() noexcept;
  // Permits that nobody holds.
  std::size_t available() const noexcept { return permits_; }

 private:
  std::size_t permits_;
  WaitList waiting_;
};

// Holds a permit of a semaphore while it lives.
class [[nodiscard]] Permit {
 public:
  explicit Permit(Semaphore& semaphore) : semaphore_{semaphore} { semaphore_.acquire(); }
  ~Permit() { semaphore_.release(); }
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

 private:
  Semaphore& semaphore_;
};

// Counts what is going on; wait() returns when nothing is.
class WaitGroup {
 public:
  void add(std::size_t count = 1) noexcept { count_ += count; }
  void done() noexcept;
  void wait();
  [[nodiscard]] bool wait_until(Instant limit);
  std::size_t count() const noexcept { return count_; }

 private:
  std::size_t count_ = 0;
  WaitList waiting_;
};

}  // namespace tidemark::fiber
