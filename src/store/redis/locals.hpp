// Locals: what a store has on each I/O thread that calls it, and the way of every call to it.
#pragma once
#include <exception>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "fiber/completion.hpp"
#include "fiber/fiber.hpp"
#include "fiber/io_thread.hpp"
#include "store/redis/local.hpp"

namespace tidemark::store {

class Locals {
 public:
  explicit Locals(Shared& shared) : shared_{shared} {}
  // Ends all connections. No fiber may be in a call; the threads may have ended, but not been destroyed.
  ~Locals();
  Locals(const Locals&) = delete;
  Locals& operator=(const Locals&) = delete;

  // On any fiber: returns what `call(Local&)` returns. It runs here when this thread has sockets, else on a fiber of
  // the store's own thread: cancelling this fiber, or its deadline, then cancels that one, and it has ended when this
  // throws.
  template <class Call>
  auto run(Call call) -> std::invoke_result_t<Call&, Local&> {
    if (auto* const thread = fiber::IoThread::current()) return call(on(*thread));
    return run_elsewhere(std::move(call));
  }
  // Not on a fiber: the same, on the store's own thread. For opening and closing.
  template <class Call>
  auto run_from_outside(Call call) -> std::invoke_result_t<Call&, Local&>;

  // Calls `look(Local&)` for each, from any thread: only for what may be read from any thread.
  template <class Look>
  void each(Look look) const {
    const std::lock_guard lock{mutex_};
    for (const auto& [thread, local] : locals_) look(*local);
  }

 private:
  Local& on(fiber::IoThread& thread);
  fiber::IoThread& own_thread();
  template <class Call>
  auto run_elsewhere(Call call) -> std::invoke_result_t<Call&, Local&>;

  Shared& shared_;
  mutable std::mutex mutex_;                     // of the members below
  std::unique_ptr<fiber::IoThread> own_thread_;  // outlives what is on it
  std::unordered_map<fiber::IoThread*, std::unique_ptr<Local>> locals_;
};

template <class Call>
auto Locals::run_elsewhere(Call call) -> std::invoke_result_t<Call&, Local&> {
  using Returned = std::invoke_result_t<Call&, Local&>;
  struct Run {
    std::unique_ptr<Returned> returned;  // made in place: GCC 12 takes the destructor of a moved-from one for a bug
    std::exception_ptr thrown;
    fiber::FiberHandle fiber;  // while it runs; belongs to the other thread
  };
  auto& thread = own_thread();
  const auto run = std::make_shared<Run>();
  const fiber::Completion<void> ended;
  const auto body = [&, run, ended] {
    try {
      run->returned.reset(new Returned(call(on(thread))));
    } catch (...) {
      run->thrown = std::current_exception();
    }
    run->fiber = {};
    ended.set();
  };
  thread.loop().post([&thread, run, ended, body] {
    try {
      run->fiber = thread.loop().spawn("redis call", body);
    } catch (...) {
      run->thrown = std::current_exception();
      ended.set();
    }
  });
  try {
    ended.wait();
  } catch (...) {
    thread.loop().post([run] {
      if (run->fiber) run->fiber.cancel();
    });
    const fiber::UncancellableScope until_it_has_ended;
    ended.wait();
    throw;
  }
  if (run->thrown) std::rethrow_exception(run->thrown);
  return std::move(*run->returned);
}

template <class Call>
auto Locals::run_from_outside(Call call) -> std::invoke_result_t<Call&, Local&> {
  auto& thread = own_thread();
  using Returned = std::invoke_result_t<Call&, Local&>;
  std::unique_ptr<Returned> returned;
  thread.run("redis call", [&] { returned.reset(new Returned(call(on(thread)))); });
  return std::move(*returned);
}

}  // namespace tidemark::store
