// Timers for state machines that live on a loop without a fiber of their own: sessions, back-offs, idle limits.
#pragma once
#include <memory>

#include "base/clock.hpp"
#include "fiber/intrusive_list.hpp"
#include "fiber/task.hpp"

namespace tidemark::fiber {

class Loop;
class TimerWheel;
struct InWheel;

// What a timer wheel keeps. Leaves the wheel when it is destroyed.
class TimerEntry : public Hook<InWheel> {
 public:
  virtual ~TimerEntry() = default;
  Instant deadline() const noexcept { return deadline_; }

 private:
  friend class TimerWheel;
  virtual void on_time() = 0;

  Instant deadline_{};
};

// Calls back once for each time that it is armed. A member of what it serves: arming and cancelling allocate nothing
// and take constant time. Its loop must outlive it; all calls on the loop's thread.
class Timer final : private TimerEntry {
 public:
  // The callback runs on the loop's thread, not on a fiber: it must not wait, and must not throw. It may arm or cancel
  // this timer or any other, and may destroy it as its last act.
  Timer(Loop& loop, Task callback) : loop_{loop}, callback_{std::move(callback)} {}

  // Calls back at `deadline` or up to a tick of the loop later, never earlier, and never from within this call.
  // Replaces an earlier deadline. One that has passed is met at the loop's next turn.
  void arm(Instant deadline);
  void cancel() noexcept { unlink(); }
  bool armed() const noexcept { return is_linked(); }

 private:
  void on_time() override { callback_(); }

  Loop& loop_;
  Task callback_;
};

// Owns a callback scheduled by Loop::schedule; cancels it when destroyed.
class [[nodiscard]] TimerHandle {
 public:
  TimerHandle() noexcept = default;
  explicit TimerHandle(std::unique_ptr<Timer> timer) noexcept : timer_{std::move(timer)} {}

  void cancel() noexcept { timer_.reset(); }
  // Whether the callback is yet to come.
  bool armed() const noexcept { return timer_ && timer_->armed(); }

 private:
  std::unique_ptr<Timer> timer_;
};

}  // namespace tidemark::fiber
