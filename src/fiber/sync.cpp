#include "fiber/sync.hpp"

#include "fiber/fiber.hpp"

namespace tidemark::fiber {

// A released permit goes straight to the first who waits, so permits_ is above 0 only while nobody does.

void Semaphore::acquire() {
  this_fiber::check();
  if (!try_acquire()) waiting_.wait();
}

bool Semaphore::try_acquire() noexcept {
  if (permits_ == 0) return false;
  --permits_;
  return true;
}

bool Semaphore::acquire_until(Instant limit) {
  this_fiber::check();
  return try_acquire() || waiting_.wait_until(limit);
}

void Semaphore::release() noexcept {
  if (!waiting_.notify_one()) ++permits_;
}

void WaitGroup::done() noexcept {
  TIDEMARK_ASSERT(count_ > 0, "done() without an add()");
  if (--count_ == 0) waiting_.notify_all();
}

void WaitGroup::wait() {
  this_fiber::check();
  while (count_ > 0) waiting_.wait();
}

bool WaitGroup::wait_until(Instant limit) {
  this_fiber::check();
  while (count_ > 0) {
    if (!waiting_.wait_until(limit)) return count_ == 0;
  }
  return true;
}

}  // namespace tidemark::fiber
