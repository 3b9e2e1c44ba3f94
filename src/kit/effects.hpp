// EffectQueue: calls what transactions left for after their commits are durable, in the order of the commits.
#pragma once
#include <functional>
#include <vector>

#include "base/lsn.hpp"
#include "fiber/fiber.hpp"
#include "fiber/loop.hpp"
#include "fiber/queue.hpp"
#include "fiber/sync.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// On one loop. Its fiber ends with it; effects that are still waiting then are not called (they are at-least-once only
// for runs that are repeated: a crash or stop before the call loses them, which is why a handler that must not miss one
// calls durable() and acts before its commit).
class EffectQueue {
 public:
  EffectQueue(fiber::Loop& loop, store::Store& store, std::string name);
  ~EffectQueue();

  // Suspends while a thousand transactions' effects wait already.
  void push(Lsn lsn, std::vector<std::function<void()>> effects);
  // Suspends until all have been called.
  void drain();

 private:
  struct Effects {
    Lsn lsn;
    std::vector<std::function<void()>> calls;
  };
  void run();

  store::Store& store_;
  std::string name_;
  fiber::Queue<Effects> queue_;
  fiber::Signal idle_;
  std::size_t waiting_ = 0;
  fiber::FiberHandle fiber_;
};

}  // namespace tidemark::kit
