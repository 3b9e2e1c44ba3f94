// EffectQueue: calls what transactions left for after their commits are durable, in the order of the commits.
#pragma once
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lsn.hpp"
#include "fiber/fiber.hpp"
#include "fiber/loop.hpp"
#include "fiber/sync.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// Calls them in their order; what they throw, but for fiber::Cancelled, is logged. `of` says whose they are.
void call_effects(const std::vector<std::function<void()>>& effects, std::string_view of);

// On one loop. Its fiber ends with it; effects that are still waiting then are not called (they are at-least-once only
// for runs that are repeated: a crash or stop before the call loses them, which is why a handler that must not miss one
// calls durable() and acts before its commit).
class EffectQueue {
 public:
  EffectQueue(fiber::Loop& loop, store::Store& store, std::string name);
  ~EffectQueue();

  // Suspends, once they are in the queue, while more than a thousand transactions' effects wait.
  void push(Lsn lsn, std::vector<std::function<void()>> effects);
  // From here on push() suspends nobody: who waits there is to end, whatever becomes of the effects.
  void release();
  // Suspends until all have been called, or until `deadline`; false then, and it is logged how many are left.
  [[nodiscard]] bool drain(Instant deadline);

 private:
  struct Effects {
    Lsn lsn;
    std::vector<std::function<void()>> calls;
  };
  void run();

  store::Store& store_;
  std::string name_;
  std::deque<Effects> queue_;  // its first one stays until it has been called
  bool released_ = false;
  fiber::Signal filled_, called_;
  fiber::FiberHandle fiber_;
};

}  // namespace tidemark::kit
