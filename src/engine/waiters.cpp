#include "engine/waiters.hpp"

#include <algorithm>
#include <utility>

namespace tidemark::engine {

Watch& Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    cancel();
    waiter_ = std::move(other.waiter_);
  }
  return *this;
}

void Watch::cancel() {
  if (!waiter_) return;
  const std::lock_guard lock{waiter_->mutex};
  waiter_->wake = nullptr;
}

// The waiter's mutex is held while it runs: that is what cancel() waits for.
void Wake::operator()() const {
  const std::lock_guard lock{waiter_->mutex};
  if (waiter_->wake) std::exchange(waiter_->wake, nullptr)();
}

Watch Waiters::add(std::function<void()> wake) {
  if (waiters_.size() >= sweep_at_) {
    std::erase_if(waiters_, [](const auto& waiter) {
      const std::lock_guard lock{waiter->mutex};
      return !waiter->wake;
    });
    sweep_at_ = std::max<std::size_t>(16, waiters_.size() * 2);
  }
  auto waiter = std::make_shared<detail::Waiter>();
  waiter->wake = std::move(wake);
  waiters_.push_back(waiter);
  return Watch{std::move(waiter)};
}

void Waiters::take(std::vector<Wake>& wakes) {
  for (auto& waiter : waiters_) wakes.emplace_back(std::move(waiter));
  waiters_.clear();
}

}  // namespace tidemark::engine
