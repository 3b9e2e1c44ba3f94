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
  if (storage_.durable() >= lsn) return;
  auto* loop = fiber::Loop::current();
  TIDEMARK_ASSERT(loop != nullptr, "a wait for the tidemark outside of a fiber");
  const auto waiters = of(*loop);
  Waiting waiting{*waiters, lsn};
  // The tidemark may have moved before the sync thread could see this waiter: so look again after it is registered. The
  // fences here and in release() see to it that one of the two sees the other.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  waiting.signal().wait([&] { return storage_.durable() >= lsn; });
}

const std::shared_ptr<DurableWaiters::OfLoop>& DurableWaiters::of(fiber::Loop& loop) {
  const std::scoped_lock lock{mutex_};
  const auto at = std::ranges::find(loops_, loop.mailbox(), [](const auto& waiters) { return waiters->mailbox; });
  if (at != loops_.end()) return *at;
  loops_.push_back(std::make_shared<OfLoop>());
  loops_.back()->mailbox = loop.mailbox();
  return loops_.back();
}

void DurableWaiters::release(Lsn durable) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const std::scoped_lock lock{mutex_};
  for (const auto& waiters : loops_) {
    if (waiters->next > durable.value || waiters->posted.exchange(true)) continue;
    waiters->mailbox->post([waiters, &storage = storage_] { release_on_loop(*waiters, storage); });
  }
}

// On the loop's thread, once for each move of the tidemark at most.
void DurableWaiters::release_on_loop(OfLoop& waiters, const storage::Storage& storage) {
  waiters.posted = false;
  const auto end = waiters.waiting.upper_bound(storage.durable());
  for (auto at = waiters.waiting.begin(); at != end; ++at) at->second->notify_all();
}

}  // namespace tidemark::store
