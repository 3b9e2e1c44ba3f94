// DurableWaiters: fibers of any number of loops that wait for the tidemark.
//
// A move of the tidemark wakes each loop that has somebody to release once, however many they are; they go on in the
// order of their LSNs.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/lsn.hpp"
#include "fiber/loop.hpp"
#include "fiber/sync.hpp"
#include "storage/storage.hpp"

namespace tidemark::store {

class DurableWaiters {
 public:
  explicit DurableWaiters(const storage::Storage& storage) : storage_{storage} {}

  // Suspends the fiber until the tidemark reaches `lsn`; not at all when it has. Throws Cancelled, DeadlineExceeded.
  void wait(Lsn lsn);
  // The sync thread: the tidemark has moved.
  void release(Lsn durable);

 private:
  // The waiters of one loop. All but `next` and `posted` belong to its thread.
  struct OfLoop {
    std::shared_ptr<fiber::Mailbox> mailbox;
    std::multimap<Lsn, fiber::Signal*> waiting;
    std::atomic<std::uint64_t> next{UINT64_MAX};  // the lowest LSN waited for
    std::atomic<bool> posted{false};              // a release is on its way to the loop

    void update_next() { next = waiting.empty() ? UINT64_MAX : waiting.begin()->first.value; }
  };
  class Waiting;

  const std::shared_ptr<OfLoop>& of(fiber::Loop& loop);
  static void release_on_loop(OfLoop& waiters, const storage::Storage& storage);

  const storage::Storage& storage_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<OfLoop>> loops_;  // one for each loop that ever waited; few
};

}  // namespace tidemark::store
