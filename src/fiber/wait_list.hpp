// WaitList: the fibers that wait for one thing, first come, first served. What Signal, Semaphore and the others are
// made of.
#pragma once
#include "base/clock.hpp"
#include "fiber/intrusive_list.hpp"

namespace tidemark::fiber {

class Fiber;
struct InQueue;

// Belongs to one loop; all calls on its thread. Must be empty when it is destroyed. No call allocates.
class WaitList {
 public:
  WaitList() = default;
  ~WaitList();
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;

  // Suspends the current fiber until it is notified. Throws Cancelled or DeadlineExceeded instead; a notification is
  // never lost by that: either the fiber is notified and returns, or it throws and the next one is notified.
  void wait();
  // The same, but returns false when `limit` passes first. DeadlineExceeded is for deadlines earlier than that.
  bool wait_until(Instant limit);

  // Makes the first waiting fiber ready. Returns false when there is none.
  bool notify_one() noexcept;
  void notify_all() noexcept;

  bool empty() const noexcept { return fibers_.empty(); }

 private:
  List<Fiber, InQueue> fibers_;
};

}  // namespace tidemark::fiber
