// BlockingPool: threads, by name, for calls that block and can't be taught not to (a driver, getaddrinfo, a large
// file).
#pragma once
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "fiber/completion.hpp"
#include "fiber/intrusive_list.hpp"
#include "fiber/task.hpp"

namespace tidemark::fiber {

struct BlockingPoolOptions {
  std::size_t threads = 4;
  std::size_t queue_limit = 1000;  // jobs that wait for a thread
};

// May be used by the fibers of any loop.
class BlockingPool {
 public:
  explicit BlockingPool(std::string name, const BlockingPoolOptions& options = {});
  // Finishes the jobs that run. No fiber may be in run() any more.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // On a fiber: calls `work()` on a thread of the pool and returns, or throws, what it does. Throws Overloaded when the
  // queue is full. Cancelled or past its deadline, a job that has not begun is withdrawn; one that has is waited for,
  // so that `work` may use the caller's variables by reference; `stop` is told, so that it can end early.
  template <class Work>
  auto run(Work work, std::stop_source stop = std::stop_source{std::nostopstate}) -> std::invoke_result_t<Work&> {
    using Value = std::invoke_result_t<Work&>;
    if constexpr (std::is_void_v<Value>) {
      execute([&work] { work(); }, stop);
    } else {
      std::optional<Value> value;
      execute([&] { value.emplace(work()); }, stop);
      return std::move(*value);
    }
  }

  const std::string& name() const noexcept { return name_; }
  // Any thread: jobs that wait for a thread.
  std::size_t queued() const;

 private:
  struct Waiting;
  struct Job;

  void execute(Task work, std::stop_source& stop);
  bool withdraw(Job& job);
  void serve();

  const std::string name_;
  const std::size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  List<Job, Waiting> jobs_;
  std::size_t queued_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tidemark::fiber
