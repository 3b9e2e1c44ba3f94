#include "store/redis/locals.hpp"

#include "tidemark/error.hpp"

namespace tidemark::store {
namespace {

void end_on(fiber::IoThread& thread, std::unique_ptr<Local>& local) {
  if (thread.loop().in_thread()) return local.reset();
  try {
    thread.run("close redis", [&] { local.reset(); });
  } catch (const Unavailable&) {
    // The thread has ended, and nothing runs there any more.
    thread.loop().adopt_thread();
    const fiber::Loop::CurrentScope current{thread.loop()};
    local.reset();
  }
}

}  // namespace

Locals::~Locals() {
  for (auto& [thread, local] : locals_) end_on(*thread, local);
}

Local& Locals::on(fiber::IoThread& thread) {
  const std::lock_guard lock{mutex_};
  auto& local = locals_[&thread];
  if (!local) local = std::make_unique<Local>(thread, shared_);
  return *local;
}

fiber::IoThread& Locals::own_thread() {
  const std::lock_guard lock{mutex_};
  if (!own_thread_) own_thread_ = std::make_unique<fiber::IoThread>("redis");
  return *own_thread_;
}

}  // namespace tidemark::store
