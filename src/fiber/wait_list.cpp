#include "fiber/wait_list.hpp"

#include "base/assert.hpp"
#include "fiber/fiber_state.hpp"

namespace tidemark::fiber {

WaitList::~WaitList() { TIDEMARK_ASSERT(fibers_.empty(), "fibers still wait for something that ends"); }

void WaitList::wait() { static_cast<void>(Fiber::self().wait_in(&fibers_, Instant::max())); }

bool WaitList::wait_until(Instant limit) { return Fiber::self().wait_in(&fibers_, limit); }

bool WaitList::notify_one() noexcept {
  if (fibers_.empty()) return false;
  fibers_.front().wake(WakeReason::notified);
  return true;
}

void WaitList::notify_all() noexcept {
  while (notify_one()) {
  }
}

}  // namespace tidemark::fiber
