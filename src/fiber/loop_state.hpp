// Loop::State: what a loop keeps, for loop.cpp and the fibers themselves.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "fiber/context.hpp"
#include "fiber/fiber_state.hpp"
#include "fiber/intrusive_list.hpp"
#include "fiber/loop.hpp"
#include "fiber/task.hpp"
#include "fiber/timer_wheel.hpp"

namespace tidemark::fiber {

struct Loop::State {
  State(const LoopOptions& loop_options, Instant start)
      : options{loop_options}, now{start}, timers{loop_options.tick, start} {}

  // A context to run a fiber on: one that was used before if there is one, since its pages are mapped and warm.
  std::unique_ptr<Context> take_context();
  void give_back(std::unique_ptr<Context> context);

  const LoopOptions options;
  std::thread::id owner = std::this_thread::get_id();
  Instant now;  // of the turn that runs
  bool in_turn = false;
  bool cancelling = false;

  TimerWheel timers;
  List<Fiber, InQueue> ready;
  List<Fiber, InQueue> ready_next_turn;  // fibers that yielded
  List<Fiber, InLoop> fibers;            // all that have not ended
  std::size_t fiber_count = 0;
  std::vector<std::unique_ptr<Context>> idle_contexts;
  std::vector<Task> tasks;  // empty between turns; keeps its capacity
  FailureHandler failure_handler;

  // The name of the running fiber, for other threads.
  std::array<std::atomic<std::uint64_t>, FiberName::WORDS> running_name{};
};

}  // namespace tidemark::fiber
