#include "fiber/fiber.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "fiber/fiber_state.hpp"

namespace tidemark::fiber {

FiberHandle::FiberHandle(Fiber& fiber) noexcept : fiber_{&fiber} { fiber_->retain(); }

FiberHandle::FiberHandle(const FiberHandle& other) noexcept : fiber_{other.fiber_} {
  if (fiber_ != nullptr) fiber_->retain();
}

FiberHandle::~FiberHandle() {
  if (fiber_ != nullptr) fiber_->release();
}

void FiberHandle::cancel() {
  if (fiber_ != nullptr) fiber_->cancel();
}

void FiberHandle::join() {
  if (fiber_ != nullptr) fiber_->join();
}

bool FiberHandle::done() const noexcept { return fiber_ == nullptr || fiber_->done(); }

std::string_view FiberHandle::name() const noexcept {
  return fiber_ == nullptr ? std::string_view{} : fiber_->name().view();
}

DeadlineScope::DeadlineScope(Instant deadline) : fiber_{Fiber::self()}, outer_{fiber_.deadline()} {
  fiber_.set_deadline(std::min(outer_, deadline));
}

DeadlineScope::~DeadlineScope() { fiber_.set_deadline(outer_); }

UncancellableScope::UncancellableScope() : fiber_{Fiber::self()}, outer_{fiber_.deadline()} {
  fiber_.forbid_cancel();
  fiber_.set_deadline(Instant::max());
}

UncancellableScope::~UncancellableScope() {
  fiber_.permit_cancel();
  fiber_.set_deadline(outer_);
}

}  // namespace tidemark::fiber

namespace tidemark::this_fiber {

using fiber::Fiber;

bool active() noexcept { return Fiber::current() != nullptr; }

void sleep_until(Instant time) {
  // Nobody notifies a fiber that waits in no queue: only the limit ends this.
  static_cast<void>(Fiber::self().wait_in(nullptr, time));
}

void sleep_for(Duration duration) {
  // Not the turn's time: a fiber that has computed for a while would sleep too short.
  const Instant now = fiber::Loop::current()->clock().instant();
  sleep_until(duration < Instant::max() - now ? now + duration : Instant::max());
}

void yield() { Fiber::self().yield(); }
std::string_view name() { return Fiber::self().name().view(); }
void check() { Fiber::self().check(); }
Instant deadline() { return Fiber::self().deadline(); }
bool cancelled() { return Fiber::self().cancel_requested(); }
void*& local() { return Fiber::self().local(); }

}  // namespace tidemark::this_fiber
