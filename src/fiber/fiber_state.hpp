// Fiber: one fiber's state between its spawn and the last handle to it.
//
//   ready ──run──► running ──wait──► waiting ──notified, timed out or cancelled──► ready
//                     └──body returned──► done
//
// It is in one queue at a time: the loop's ready queue, or the WaitList of what it waits for (none when it sleeps).
// Whoever wakes it takes it out of that queue and out of the timer wheel, so that it is woken for one reason only.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.hpp"
#include "fiber/context.hpp"
#include "fiber/intrusive_list.hpp"
#include "fiber/loop.hpp"
#include "fiber/task.hpp"
#include "fiber/timer.hpp"
#include "fiber/wait_list.hpp"

namespace tidemark::fiber {

// A fiber's name, cut to a fixed size so that a spawn need not allocate it and a watcher may copy it at any time.
class FiberName {
 public:
  static constexpr std::size_t WORDS = 6;
  static constexpr std::size_t CHARACTERS = WORDS * sizeof(std::uint64_t) - 1;
  using Words = std::array<std::uint64_t, WORDS>;

  explicit FiberName(std::string_view name) noexcept;
  std::string_view view() const noexcept { return reinterpret_cast<const char*>(words_.data()); }
  const Words& words() const noexcept { return words_; }

 private:
  Words words_{};  // zero-terminated characters
};

enum class FiberPhase : std::uint8_t { ready, running, waiting, done };
enum class WakeReason : std::uint8_t { notified, timed_out, cancelled };

class Fiber final : public Hook<InQueue>, public Hook<struct InLoop>, private TimerEntry {
 public:
  Fiber(Loop& loop, std::string_view name, Task body) : loop_{loop}, name_{name}, body_{std::move(body)} {}

  // The fiber that runs on this thread; the second asserts that there is one.
  static Fiber* current() noexcept;
  static Fiber& self() noexcept;

  void retain() noexcept { ++references_; }
  void release() noexcept {
    if (--references_ == 0) delete this;
  }

  // --- On the fiber itself ---

  // Throws Cancelled or DeadlineExceeded if a wait would.
  void check() const;
  // Suspends until woken, in `queue` if there is one. False when `limit` came first.
  bool wait_in(List<Fiber, InQueue>* queue, Instant limit);
  void yield();

  Instant deadline() const noexcept { return deadline_; }
  void set_deadline(Instant deadline) noexcept { deadline_ = deadline; }
  void forbid_cancel() noexcept { ++cancel_forbidden_; }
  void permit_cancel() noexcept { --cancel_forbidden_; }
  void*& local() noexcept { return local_; }

  // --- From outside, on the loop's thread ---

  void cancel();
  bool cancel_requested() const noexcept { return cancel_requested_; }
  // Makes a waiting fiber ready.
  void wake(WakeReason reason) noexcept;
  void join();
  bool done() const noexcept { return phase_ == FiberPhase::done; }
  const FiberName& name() const noexcept { return name_; }

 private:
  friend class Loop;

  ~Fiber() override = default;
  void on_time() override { wake(WakeReason::timed_out); }
  void run_body() noexcept;
  bool must_stop() const noexcept { return cancel_requested_ && cancel_forbidden_ == 0; }
  [[noreturn]] void throw_cancelled() const;
  [[noreturn]] void throw_deadline_exceeded() const;

  Loop& loop_;
  std::unique_ptr<Context> context_;  // none before its first run and after its end
  Instant deadline_ = Instant::max();
  void* local_ = nullptr;
  std::uint32_t references_ = 0;
  std::uint32_t cancel_forbidden_ = 0;
  FiberPhase phase_ = FiberPhase::ready;
  WakeReason reason_ = WakeReason::notified;
  bool cancel_requested_ = false;
  FiberName name_;
  Task body_;
  WaitList joining_;
};

}  // namespace tidemark::fiber
