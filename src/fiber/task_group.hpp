// TaskGroup: fibers that end before the scope that started them does.
//
//   TaskGroup group;
//   for (auto& shard : shards) group.spawn("load", [&] { shard.load(); });
//   group.wait();   // all have ended; the first failure is thrown here
#pragma once
#include <exception>
#include <string_view>

#include "fiber/fiber.hpp"
#include "fiber/intrusive_list.hpp"
#include "fiber/sync.hpp"
#include "fiber/task.hpp"

namespace tidemark::fiber {

class Loop;

// For the fibers of one loop; all calls on its thread.
class TaskGroup {
 public:
  TaskGroup();  // on the running loop
  explicit TaskGroup(Loop& loop) : loop_{loop} {}
  // Cancels what still runs, and waits for it, even when the waiting fiber itself is cancelled. Failures not yet thrown
  // by wait() are lost. On a fiber, unless nothing runs any more.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts a child, as Loop::spawn does. When its body throws, the other children are cancelled and wait() throws it.
  void spawn(std::string_view name, Task body);
  // Waits until all children have ended, then throws the first failure, if there was one. Cancelled is none.
  void wait();
  void cancel();
  // Children that have not ended.
  std::size_t running() const noexcept { return running_.count(); }

 private:
  struct Child;
  struct InGroup;

  Loop& loop_;
  List<Child, InGroup> children_;
  WaitGroup running_;
  std::exception_ptr failure_;
};

}  // namespace tidemark::fiber
