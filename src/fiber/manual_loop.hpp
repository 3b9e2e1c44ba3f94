// ManualLoop: a Loop that the calling thread drives by hand, for tests and simulations: no thread, no socket, and with
// a VirtualClock no real time either.
//
//   VirtualClock clock;
//   ManualLoop driver{clock};
//   driver.run("transfer", [&] { … });   // on a fiber; throws what it throws
//   driver.advance(30s);                 // meets every deadline on the way, in order
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "fiber/loop.hpp"

namespace tidemark::fiber {

// All calls on the thread that made it; none from within its fibers or tasks. Several may share a thread and a clock.
// Timers are exact: a tick is a millisecond.
class ManualLoop {
 public:
  explicit ManualLoop(VirtualClock& clock, std::size_t stack_bytes = STACK_BYTES);
  // With a real clock advance() is not to be had.
  explicit ManualLoop(Clock& clock, std::size_t stack_bytes = STACK_BYTES);
  // Cancels all fibers and runs them to their ends, moving a virtual clock where they wait for it. A fiber that has not
  // ended after 5 s of real time ends the process with a message that names it.
  ~ManualLoop();
  ManualLoop(const ManualLoop&) = delete;
  ManualLoop& operator=(const ManualLoop&) = delete;

  Loop& loop() noexcept { return loop_; }
  operator Loop&() noexcept { return loop_; }  // NOLINT(google-explicit-constructor): it is its loop

  // Runs until nothing is ready: what is left waits for time, or for another thread.
  void run_ready();
  // When the earliest timer is due; none when there is no timer.
  std::optional<Instant> next_deadline() const { return loop_.next_deadline(); }
  // Moves the virtual clock by `by`, stopping at each timer on the way to run what it makes ready.
  void advance(Duration by);
  // Moves the virtual clock to the earliest timer and runs what it makes ready. False when there is no timer.
  bool advance_to_next();

  // Runs until `done()`; what other threads post counts, and time passes only if the clock is real. False when it does
  // not hold after `limit` of real time.
  [[nodiscard]] bool run_until(const std::function<bool()>& done,
                               std::chrono::milliseconds limit = std::chrono::seconds{30});
  // Runs `body` on a fiber until it has ended, and throws what it threw. With a virtual clock, time moves to the next
  // timer when nothing else can go on and no other thread has posted within `patience` of real time. A body that waits
  // for what never comes ends the process after 30 s of real time.
  void run(std::string_view name, Task body, std::chrono::milliseconds patience = std::chrono::milliseconds{20});

 private:
  class Bell;
  using RealTime = std::chrono::steady_clock::time_point;

  ManualLoop(Clock& clock, VirtualClock* virtual_clock, std::size_t stack_bytes);
  // Blocks until another thread posts, a real clock reaches a timer, or `until`. Returns false for the last.
  bool block(RealTime until);

  VirtualClock* const virtual_clock_;
  const std::unique_ptr<Bell> bell_;
  Loop loop_;
};

}  // namespace tidemark::fiber
