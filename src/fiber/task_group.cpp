#include "fiber/task_group.hpp"

#include <memory>
#include <utility>

#include "base/assert.hpp"
#include "fiber/errors.hpp"
#include "fiber/loop.hpp"

namespace tidemark::fiber {

// Lives as long as the closure of its fiber, so that even a fiber that never ran counts as ended.
struct TaskGroup::Child : Hook<InGroup> {
  Child(TaskGroup& child_of, Task child_body) : group{child_of}, body{std::move(child_body)} { group.running_.add(); }
  ~Child() {
    unlink();
    group.running_.done();
  }

  void run() {
    try {
      body();
    } catch (const Cancelled&) {
      throw;
    } catch (...) {
      if (!group.failure_) group.failure_ = std::current_exception();
      group.cancel();
    }
  }

  TaskGroup& group;
  Task body;
  FiberHandle fiber;
};

TaskGroup::TaskGroup() : loop_{*Loop::current()} {}

TaskGroup::~TaskGroup() {
  if (running_.count() == 0) return;
  cancel();
  const UncancellableScope until_all_have_ended;
  running_.wait();
}

void TaskGroup::spawn(std::string_view name, Task body) {
  auto owned = std::make_unique<Child>(*this, std::move(body));
  Child& child = *owned;
  child.fiber = loop_.spawn(name, [owned = std::move(owned)] { owned->run(); });
  children_.push_back(child);
}

void TaskGroup::wait() {
  running_.wait();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void TaskGroup::cancel() {
  children_.for_each([](Child& child) { child.fiber.cancel(); });
}

}  // namespace tidemark::fiber
