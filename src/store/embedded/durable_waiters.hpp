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

namespace tidemark::store {

class DurableWaiters {
 public:
  // The tidemark stands at `durable`.
  explicit DurableWaiters(Lsn durable) : durable_{durable.value} {}

  // On a fiber: suspends it until the tidemark reaches `lsn`, and not at all when it has. Throws Cancelled and
  // DeadlineExceeded.
  void wait(Lsn lsn);
  // One thread at a time: the tidemark has moved to `durable`. Tasks that it posts may run after this object has ended.
  void release(Lsn durable);

 private:
  // The waiters of one loop. The map belongs to its thread.
  struct OfLoop {
    std::shared_ptr<fiber::Mailbox> mailbox;
    std::multimap<Lsn, fiber::Signal*> waiting;
    std::atomic<std::uint64_t> next{UINT64_MAX};  // the lowest LSN waited for
    std::atomic<std::uint64_t> released{0};       // the tidemark, as of the last release that concerned the loop
    std::atomic<bool> posted{false};              // a release is on its way to the loop

    void update_next() { next = waiting.empty() ? UINT64_MAX : waiting.begin()->first.value; }
    void release_waiting();
  };
  class Waiting;

  std::shared_ptr<OfLoop> of(fiber::Loop& loop);

  std::atomic<std::uint64_t> durable_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<OfLoop>> loops_;  // one for each loop that ever waited; few
};

}  // namespace tidemark::store
