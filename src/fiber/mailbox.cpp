#include "fiber/mailbox.hpp"

#include <utility>

#include "base/assert.hpp"

namespace tidemark::fiber {

void Mailbox::post(Task task) {
  const std::lock_guard lock{mutex_};
  if (closed_) return;
  tasks_.push_back(std::move(task));
  filled_.store(true, std::memory_order_release);
  // Under the lock, so that close() ends all use of the wake-up.
  if (std::exchange(sleeping_, false) && wake_up_) wake_up_();
}

void Mailbox::take(std::vector<Task>& tasks) {
  TIDEMARK_ASSERT(tasks.empty());
  if (!filled()) return;
  const std::lock_guard lock{mutex_};
  tasks.swap(tasks_);
  filled_.store(false, std::memory_order_release);
}

bool Mailbox::prepare_sleep() {
  const std::lock_guard lock{mutex_};
  sleeping_ = tasks_.empty();
  return sleeping_;
}

void Mailbox::end_sleep() {
  const std::lock_guard lock{mutex_};
  sleeping_ = false;
}

void Mailbox::set_wake_up(std::function<void()> wake_up) {
  const std::lock_guard lock{mutex_};
  wake_up_ = std::move(wake_up);
}

void Mailbox::close() {
  // Destroyed after the lock is released: what the closures own may post in its turn.
  std::vector<Task> dropped;
  std::function<void()> wake_up;
  const std::lock_guard lock{mutex_};
  closed_ = true;
  sleeping_ = false;
  dropped.swap(tasks_);
  wake_up.swap(wake_up_);
  filled_.store(false, std::memory_order_release);
}

}  // namespace tidemark::fiber
