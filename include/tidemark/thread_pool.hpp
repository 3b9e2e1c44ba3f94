// ThreadPool: threads, by name, for calls that block: a driver that waits, a slow API of somebody else's, a terminal.
// Handlers and endpoints share a few I/O threads, and one that blocks there keeps all others waiting.
//
//   ThreadPool mails{"mails"};
//   service.on<OrderPlaced>("order_placed", [&](Transaction& tx, const OrderPlaced& order) {
//     tx.durable();
//     mails.run([&] { smtp.send(letter_for(order), tx.effect_key()); });  // on a thread of the pool
//   });
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace tidemark {

// Lives longer than the services that use it. Any number of them may share one.
class ThreadPool {
 public:
  explicit ThreadPool(std::string name, std::size_t threads = 4);
  // Waits for the calls that run.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // In a handler, an endpoint or an effect: calls `work()` on a thread of the pool, while the I/O thread does other
  // things, and returns, or throws, what it does. `work` may use the caller's variables, but not its transaction.
  // Throws Overloaded when 1,000 calls wait for a thread already. At the run's deadline a call that has not begun is
  // withdrawn; one that has is waited for: let it have a time-out of its own.
  template <class Work>
  auto run(Work work) -> std::invoke_result_t<Work&> {
    using Value = std::invoke_result_t<Work&>;
    if constexpr (std::is_void_v<Value>) {
      call([&work] { work(); });
    } else {
      std::optional<Value> value;
      call([&] { value.emplace(work()); });
      return std::move(*value);
    }
  }

 private:
  void call(const std::function<void()>& work);

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
