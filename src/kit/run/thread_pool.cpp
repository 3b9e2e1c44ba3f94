#include "tidemark/thread_pool.hpp"

#include "fiber/blocking_pool.hpp"

namespace tidemark {

class ThreadPool::Impl {
 public:
  Impl(std::string name, std::size_t threads) : pool{std::move(name), {.threads = threads}} {}
  fiber::BlockingPool pool;
};

ThreadPool::ThreadPool(std::string name, std::size_t threads)
    : impl_{std::make_unique<Impl>(std::move(name), threads)} {}
ThreadPool::~ThreadPool() = default;

void ThreadPool::call(const std::function<void()>& work) {
  impl_->pool.run([&work] { work(); });
}

}  // namespace tidemark
