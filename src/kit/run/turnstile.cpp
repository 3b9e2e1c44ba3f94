#include "kit/run/turnstile.hpp"

namespace tidemark::kit {

Turnstile::Turn Turnstile::enter() {
  const auto waiter = std::make_shared<Waiter>();
  {
    const std::scoped_lock lock{mutex_};
    if (!std::exchange(taken_, true)) return Turn{*this};
    waiting_.push_back(waiter);
  }
  try {
    waiter->turn.wait();
  } catch (...) {
    std::unique_lock lock{mutex_};
    if (!waiter->has_turn) {
      std::erase(waiting_, waiter);
      throw;
    }
    lock.unlock();
    pass_on();
    throw;
  }
  return Turn{*this};
}

void Turnstile::pass_on() {
  std::shared_ptr<Waiter> next;
  {
    const std::scoped_lock lock{mutex_};
    if (waiting_.empty()) {
      taken_ = false;
      return;
    }
    next = std::move(waiting_.front());
    waiting_.pop_front();
    next->has_turn = true;
  }
  next->turn.set();
}

}  // namespace tidemark::kit
