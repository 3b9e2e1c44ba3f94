#include "fiber/blocking_pool.hpp"

#include <pthread.h>

#include "base/assert.hpp"
#include "fiber/fiber.hpp"

namespace tidemark::fiber {

// Stands on the stack of the fiber that waits for it.
struct BlockingPool::Job : Hook<Waiting> {
  explicit Job(Task job_work) : work{std::move(job_work)} {}

  Task work;
  std::exception_ptr failure;
  Completion<void> done;
};

BlockingPool::BlockingPool(std::string name, const BlockingPoolOptions& options)
    : name_{std::move(name)}, queue_limit_{options.queue_limit} {
  TIDEMARK_ASSERT(options.threads > 0, "the pool '", name_, "' needs a thread");
  threads_.reserve(options.threads);
  for (std::size_t i = 0; i < options.threads; ++i) {
    threads_.emplace_back([this] { serve(); });
    pthread_setname_np(threads_.back().native_handle(), name_.substr(0, 15).c_str());  // the kernel keeps no more
  }
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard lock{mutex_};
    TIDEMARK_ASSERT(jobs_.empty(), "the pool '", name_, "' ends while fibers wait for it");
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::size_t BlockingPool::queued() const {
  const std::lock_guard lock{mutex_};
  return queued_;
}

void BlockingPool::execute(Task work, std::stop_source& stop) {
  this_fiber::check();
  Job job{std::move(work)};
  {
    const std::lock_guard lock{mutex_};
    if (queued_ >= queue_limit_) {
      throw Overloaded{"the pool '" + name_ + "' has " + std::to_string(queued_) +
                       " jobs waiting; try again later, or give it more threads"};
    }
    jobs_.push_back(job);
    ++queued_;
  }
  changed_.notify_one();
  try {
    job.done.wait();
  } catch (...) {
    if (!withdraw(job)) {
      stop.request_stop();
      const UncancellableScope while_work_uses_the_callers_variables;
      job.done.wait();
    }
    throw;
  }
  if (job.failure) std::rethrow_exception(job.failure);
}

bool BlockingPool::withdraw(Job& job) {
  const std::lock_guard lock{mutex_};
  if (!job.is_linked()) return false;
  job.unlink();
  --queued_;
  return true;
}

void BlockingPool::serve() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    Job& job = jobs_.front();
    job.unlink();
    --queued_;
    lock.unlock();
    try {
      job.work();
    } catch (...) {
      job.failure = std::current_exception();
    }
    const Completion<void> done = job.done;  // the job ends with the wait that this ends
    done.set();
    lock.lock();
  }
}

}  // namespace tidemark::fiber
