// FiberHandle and this_fiber: what a fiber's owner, and the code that runs on it, may do with it.
//
//   FiberHandle worker = loop.spawn("lease-renewal", [&] {
//     for (;;) {
//       this_fiber::sleep_for(10s);             // throws Cancelled when the owner cancels
//       DeadlineScope limit{loop.now() + 2s};   // every wait in here ends within two seconds
//       renew();
//     }
//   });
//   …
//   worker.cancel();
//   worker.join();
//
// A wait is cancelled, or past its deadline, whether or not it would have had to suspend: it throws before it takes
// anything. Cancellation stays: every later wait throws too, except in an UncancellableScope.
#pragma once
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "fiber/errors.hpp"

namespace tidemark::fiber {

class Fiber;

// A shared handle to a fiber. Dropping it does not stop the fiber: that is what cancel() or a TaskGroup is for. All
// calls, copies and the destructor on the thread of the fiber's loop (or when that has ended). May outlive the loop.
class FiberHandle {
 public:
  FiberHandle() noexcept = default;
  explicit FiberHandle(Fiber& fiber) noexcept;
  FiberHandle(const FiberHandle& other) noexcept;
  FiberHandle(FiberHandle&& other) noexcept : fiber_{std::exchange(other.fiber_, nullptr)} {}
  FiberHandle& operator=(FiberHandle other) noexcept {
    std::swap(fiber_, other.fiber_);
    return *this;
  }
  ~FiberHandle();

  explicit operator bool() const noexcept { return fiber_ != nullptr; }

  // The fiber's current wait, and each one after it, throws Cancelled. A fiber that has not begun runs up to its first
  // wait. Does not wait for anything.
  void cancel();
  // Waits until the fiber has ended, whatever with. Not from the fiber itself.
  void join();
  bool done() const noexcept;
  std::string_view name() const noexcept;

 private:
  Fiber* fiber_ = nullptr;
};

// While it lives, waits of the current fiber throw DeadlineExceeded from `deadline` on. Of nested ones the earliest
// counts.
class [[nodiscard]] DeadlineScope {
 public:
  explicit DeadlineScope(Instant deadline);
  ~DeadlineScope();
  DeadlineScope(const DeadlineScope&) = delete;
  DeadlineScope& operator=(const DeadlineScope&) = delete;

 private:
  Fiber& fiber_;
  Instant outer_;
};

// For cleaning up: while it lives, waits of the current fiber ignore cancellation and the deadlines around it. Put a
// DeadlineScope inside, for a fiber that can't be stopped must still end.
class [[nodiscard]] UncancellableScope {
 public:
  UncancellableScope();
  ~UncancellableScope();
  UncancellableScope(const UncancellableScope&) = delete;
  UncancellableScope& operator=(const UncancellableScope&) = delete;

 private:
  Fiber& fiber_;
  Instant outer_;
};

}  // namespace tidemark::fiber

// The current fiber. All but active() are for code that runs on one; elsewhere they are a bug.
namespace tidemark::this_fiber {

// Whether this code runs on a fiber, so that it may wait.
bool active() noexcept;
// Suspends until `time`, or up to a tick of the loop longer.
void sleep_until(Instant time);
void sleep_for(Duration duration);
// Lets everything else that is ready run first, sockets included. A wait like any other: it may throw.
void yield();
std::string_view name();
// Throws Cancelled or DeadlineExceeded where a wait would: for long computations.
void check();
// The earliest deadline around this code; Instant::max() when there is none.
Instant deadline();
bool cancelled();
// A slot for the trace context. Null at first, not inherited by children, never owned: who sets it also resets it.
void*& local();

}  // namespace tidemark::this_fiber
