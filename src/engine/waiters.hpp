// Watches: one-shot wishes to be told that something has come. No polling, no lost wake-up, and a cancelled watch
// never calls.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace tidemark::engine {

namespace detail {
// Shared by the watch and the list that it waits in; `wake` is emptied by whoever comes first.
struct Waiter {
  std::mutex mutex;
  std::function<void()> wake;
};
}  // namespace detail

// The watching side. One thread at a time.
class Watch {
 public:
  Watch() = default;
  explicit Watch(std::shared_ptr<detail::Waiter> waiter) : waiter_{std::move(waiter)} {}
  Watch(Watch&&) noexcept = default;
  Watch& operator=(Watch&& other) noexcept;
  ~Watch() { cancel(); }

  // Whether it was registered; false when what it was to wait for is there already.
  bool armed() const noexcept { return waiter_ != nullptr; }
  // When it returns, `wake` is not running and will not run. Must not be called from inside `wake`.
  void cancel();

 private:
  std::shared_ptr<detail::Waiter> waiter_;
};

// A call to be made once the lock is released.
class Wake {
 public:
  explicit Wake(std::shared_ptr<detail::Waiter> waiter) : waiter_{std::move(waiter)} {}
  void operator()() const;

 private:
  std::shared_ptr<detail::Waiter> waiter_;
};

// The waited-for side: those that wait for one thing. Guarded by its owner's lock.
class Waiters {
 public:
  Watch add(std::function<void()> wake);
  // Moves everybody who waits to `wakes`.
  void take(std::vector<Wake>& wakes);
  bool empty() const noexcept { return waiters_.empty(); }

 private:
  std::vector<std::shared_ptr<detail::Waiter>> waiters_;
  std::size_t sweep_at_ = 16;  // cancelled ones are dropped when the list has grown to this
};

}  // namespace tidemark::engine
