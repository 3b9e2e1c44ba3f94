// Completion<T>: one value, set once by a callback or by another thread, awaited by a fiber. The bridge from everything
// that calls back (Asio, the sync thread) to code that reads straight down.
//
//   Completion<Result<Lsn>> synced;
//   log.sync([synced](Result<Lsn> lsn) { synced.set(std::move(lsn)); });
//   Result<Lsn> lsn = synced.wait();
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/assert.hpp"
#include "base/clock.hpp"
#include "fiber/loop.hpp"
#include "fiber/wait_list.hpp"

namespace tidemark::fiber {

// The part of a Completion that does not depend on its type; shared by the one who waits and the one who sets.
class CompletionState : public std::enable_shared_from_this<CompletionState> {
 public:
  explicit CompletionState(Loop& loop) : loop_{&loop}, mailbox_{loop.mailbox()} {}

  // Any thread, once: a second call is a bug. To be followed by publish().
  void claim();
  // Any thread: makes what was stored visible to the loop's thread, and wakes the fibers that wait.
  void publish();

  // The loop's thread.
  bool done() const noexcept { return done_; }
  void wait();
  bool wait_until(Instant limit);

 private:
  void complete() noexcept;

  Loop* const loop_;  // only compared with the running one: it may have ended
  const std::shared_ptr<Mailbox> mailbox_;
  std::atomic<bool> claimed_ = false;
  bool done_ = false;
  WaitList waiting_;
};

// Copies share one state. The waiting side may go away first (cancelled, past its deadline, its loop ended): set() then
// does nothing that anybody sees.
template <class T>
class Completion {
 public:
  // For the fibers of the running loop.
  Completion() : Completion{running_loop()} {}
  explicit Completion(Loop& loop) : state_{std::make_shared<State>(loop)} {}

  // Any thread, exactly once over all copies.
  template <class U = T>
  requires(!std::is_void_v<T> && std::constructible_from<T, U>) void set(U&& value) const {
    state_->claim();
    state_->value.emplace(std::forward<U>(value));
    state_->publish();
  }
  void set() const requires std::is_void_v<T> {
    state_->claim();
    state_->publish();
  }

  // On a fiber of the loop: returns the value, as soon as there is one. One wait takes it; a second is a bug. Throws
  // Cancelled and DeadlineExceeded.
  T wait() const {
    state_->wait();
    if constexpr (!std::is_void_v<T>) {
      TIDEMARK_ASSERT(state_->value.has_value(), "a completion's value was taken twice");
      T value = std::move(*state_->value);
      state_->value.reset();
      return value;
    }
  }
  // On a fiber of the loop: whether there is a value by `limit`. It stays there for wait().
  [[nodiscard]] bool wait_until(Instant limit) const { return state_->wait_until(limit); }

  // On the loop's thread: whether wait() would return at once.
  bool ready() const noexcept { return state_->done(); }

 private:
  struct Nothing {};
  struct State : CompletionState {
    using CompletionState::CompletionState;
    std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>> value;
  };

  static Loop& running_loop() {
    TIDEMARK_ASSERT(Loop::current() != nullptr, "a Completion outside of a loop needs to be told its loop");
    return *Loop::current();
  }

  std::shared_ptr<State> state_;
};

}  // namespace tidemark::fiber
