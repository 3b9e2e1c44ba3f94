// Loop: the fibers, timers and posted tasks of one thread. A driver gives it that thread: IoThread for sockets,
// ManualLoop for tests and simulations.
#pragma once
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.hpp"
#include "fiber/fiber.hpp"
#include "fiber/task.hpp"
#include "fiber/timer.hpp"

namespace tidemark::fiber {

class Mailbox;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::size_t STACK_BYTES = 1024 * 1024;  // instrumented frames are several times as large
#else
inline constexpr std::size_t STACK_BYTES = 256 * 1024;
#endif

struct LoopOptions {
  Duration tick{5};                       // how late a timer may be
  std::size_t stack_bytes = STACK_BYTES;  // reserved for each fiber; only pages that were touched take memory
  std::size_t fibers_at_most = 12'000;    // past it spawn() throws; each takes two of the system's 65,530 mappings
  std::size_t stacks_kept = 1024;         // how many stacks of ended fibers wait for new ones
};

class Loop {
 public:
  // Belongs to the thread that makes it, until another one adopts it. The clock must outlive it.
  explicit Loop(Clock& clock, const LoopOptions& options = {});
  // All fibers must have ended: its driver sees to that. Tasks not yet run are dropped.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // The loop that is running on this thread, or null.
  static Loop* current() noexcept;
  // Whether this is the thread that the loop belongs to.
  bool in_thread() const noexcept;

  // --- For everybody ---

  // Any thread. Runs the task on the loop's thread, not on a fiber: it must not wait, and must not throw. Tasks posted
  // by one thread run in their order. Wakes a sleeping loop once for all that is posted until it turns. Dropped, unrun,
  // when the loop has ended or ends first.
  void post(Task task);

  // The loop's thread only (from another: post a task that spawns). Starts a fiber that runs `body`, not within this
  // call but at the loop's next occasion. Of the name, 47 characters are kept. What the body throws goes to the failure
  // handler, but for Cancelled. Throws Unavailable when there are too many fibers.
  FiberHandle spawn(std::string_view name, Task body);

  // The loop's thread only. Timer::arm says when and how the callback runs.
  TimerHandle schedule(Instant deadline, Task callback);

  Clock& clock() const noexcept { return clock_; }
  // The loop's thread only. The clock's instant when this turn of the loop began: cheap, and right for deadlines.
  Instant now() const noexcept;

  // What to do with an exception that left the body of a fiber. At first: print it and end the process, because nobody
  // may have undone what the fiber was doing. Set it before fibers run.
  using FailureHandler = std::function<void(std::string_view fiber, std::exception_ptr failure)>;
  void on_failure(FailureHandler handler);

  // Fibers that have not ended. The loop's thread only.
  std::size_t fiber_count() const noexcept;

  // Any thread. The name of the fiber that runs at this moment, or empty: for the diagnosis of a thread that is stuck.
  // May mix two names if a switch happens meanwhile.
  std::string running_fiber() const;

  // A reference to the loop that may outlive it: what posts through it when the loop has ended is dropped.
  const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }

  // --- For drivers; the loop's thread only ---

  // Makes this thread the loop's. The one before must have stopped using it.
  void adopt_thread() noexcept;
  // Marks the loop as current() on this thread for as long as the scope lives.
  class [[nodiscard]] CurrentScope {
   public:
    explicit CurrentScope(Loop& loop) noexcept;
    ~CurrentScope();
    CurrentScope(const CurrentScope&) = delete;
    CurrentScope& operator=(const CurrentScope&) = delete;

   private:
    Loop* outer_;
  };
  // Called, on any thread and with the mailbox locked, when something is posted while the loop sleeps.
  void set_wake_up(std::function<void()> wake_up);
  // One turn: takes what was posted, calls what is due, runs what is ready, but no more than a bounded number of
  // fibers, so that sockets get their turn. Returns whether there is more to run at once.
  bool run_turn();
  // No later than the earliest timer, perhaps earlier; none when there is no timer. Cheap.
  std::optional<Instant> next_wake() const noexcept;
  // The exact time at which the earliest timer is due. Looks at every timer: for simulations.
  std::optional<Instant> next_deadline() const;
  // Before and after the driver blocks. The first returns false when there is something to run instead; after true, the
  // next post calls the wake-up.
  bool prepare_sleep();
  void end_sleep();
  // From here on every fiber is cancelled, new ones from their start.
  void cancel_all();
  // The names of fibers that have not ended, for the message when they should have.
  std::string fiber_names() const;
  // Drops what was posted and is posted from here on.
  void close();

 private:
  friend class Fiber;
  friend class Timer;
  struct State;

  void run_fiber(Fiber& fiber);
  bool enter_stack(Fiber& fiber);
  void finish_fiber(Fiber& fiber);

  Clock& clock_;
  std::shared_ptr<Mailbox> mailbox_;
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::fiber
