#include "fiber/fiber_state.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>

#include "base/assert.hpp"
#include "fiber/errors.hpp"
#include "fiber/loop_state.hpp"

namespace tidemark::fiber {

FiberName::FiberName(std::string_view name) noexcept {
  std::memcpy(words_.data(), name.data(), std::min(name.size(), CHARACTERS));
}

Fiber& Fiber::self() noexcept {
  Fiber* fiber = current();
  TIDEMARK_ASSERT(fiber != nullptr, "only a fiber may wait; start one with Loop::spawn");
  return *fiber;
}

void Fiber::check() const {
  if (must_stop()) throw_cancelled();
  if (deadline_ <= loop_.state_->now) throw_deadline_exceeded();
}

bool Fiber::wait_in(List<Fiber, InQueue>* queue, Instant limit) {
  TIDEMARK_ASSERT(this == current(), "a fiber waits for itself only");
  check();
  if (limit <= loop_.state_->now) return false;
  const Instant until = std::min(limit, deadline_);
  if (until != Instant::max()) loop_.state_->timers.insert(*this, until);
  if (queue != nullptr) queue->push_back(*this);
  phase_ = FiberPhase::waiting;
  context_->suspend();
  if (reason_ == WakeReason::notified) return true;
  if (reason_ == WakeReason::cancelled) throw_cancelled();
  if (deadline_ < limit) throw_deadline_exceeded();
  return false;
}

void Fiber::yield() {
  check();
  phase_ = FiberPhase::ready;
  loop_.state_->ready_next_turn.push_back(*this);
  context_->suspend();
  check();
}

void Fiber::cancel() {
  cancel_requested_ = true;
  if (phase_ == FiberPhase::waiting && must_stop()) wake(WakeReason::cancelled);
}

void Fiber::wake(WakeReason reason) noexcept {
  TIDEMARK_ASSERT(phase_ == FiberPhase::waiting, "a fiber was woken that does not wait");
  Hook<InQueue>::unlink();
  Hook<InWheel>::unlink();
  reason_ = reason;
  phase_ = FiberPhase::ready;
  loop_.state_->ready.push_back(*this);
}

void Fiber::join() {
  TIDEMARK_ASSERT(this != current(), "a fiber can't wait for its own end");
  this_fiber::check();
  if (!done()) joining_.wait();
}

void Fiber::run_body() noexcept {
  try {
    body_();
  } catch (const Cancelled&) {
    // Asked for; the stack has been cleaned up.
  } catch (...) {
    loop_.state_->failure_handler(name_.view(), std::current_exception());
  }
  body_.reset();
}

void Fiber::throw_cancelled() const { throw Cancelled{"the fiber '" + std::string{name_.view()} + "' was cancelled"}; }

void Fiber::throw_deadline_exceeded() const {
  throw DeadlineExceeded{"the deadline of the fiber '" + std::string{name_.view()} + "' has passed"};
}

}  // namespace tidemark::fiber
