#include "store/embedded/durable_waiters.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "fiber/mailbox.hpp"

namespace tidemark::store {

// One fiber in its loop's queue; leaves it however the wait ends.
class DurableWaiters::Waiting {
 public:
  Waiting(OfLoop& waiters, Lsn lsn) : waiters_{waiters}, at_{waiters.waiting.emplace(lsn, &signal_)} {
    waiters_.update_next();
  }
  ~Waiting() {
    waiters_.waiting.erase(at_);
    waiters_.update_next();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  fiber::Signal& signal() { return signal_; }

 private:
  OfLoop& waiters_;
  fiber::Signal signal_;
  std::multimap<Lsn, fiber::Signal*>::iterator at_;
};

void DurableWaiters::wait(Lsn lsn) {
  if (durable_ >= lsn.value) return;
  auto* const loop = fiber::Loop::current();
  TIDEMARK_ASSERT(loop != nullptr, "a wait for the tidemark outside of a fiber");
  const auto waiters = of(*loop);
  Waiting waiting{*waiters, lsn};
  // Looks again now that it is registered. Both sides are sequentially consistent: either this one sees the tidemark
  // that has moved, or release() sees this one in `next`.
  waiting.signal().wait([&] { return durable_ >= lsn.value || waiters->released >= lsn.value; });
}

std::shared_ptr<DurableWaiters::OfLoop> DurableWaiters::of(fiber::Loop& loop) {
  const std::scoped_lock lock{mutex_};
  const auto at = std::ranges::find(loops_, loop.mailbox(), [](const auto& waiters) { return waiters->mailbox; });
  if (at != loops_.end()) return *at;
  std::erase_if(loops_,
                [](const auto& waiters) { return waiters->mailbox.use_count() == 1; });  // their loops have ended
  loops_.push_back(std::make_shared<OfLoop>());
  loops_.back()->mailbox = loop.mailbox();
  return loops_.back();
}

void DurableWaiters::release(Lsn durable) {
  durable_ = durable.value;
  const std::scoped_lock lock{mutex_};
  for (const auto& waiters : loops_) {
    if (waiters->next > durable.value) continue;
    waiters->released = durable.value;
    if (!waiters->posted.exchange(true)) waiters->mailbox->post([waiters] { waiters->release_waiting(); });
  }
}

// On the loop's thread. What is released later than this looks posts again.
void DurableWaiters::OfLoop::release_waiting() {
  posted = false;
  const auto end = waiting.upper_bound(Lsn{released});
  for (auto at = waiting.begin(); at != end; ++at) at->second->notify_all();
}

}  // namespace tidemark::store
