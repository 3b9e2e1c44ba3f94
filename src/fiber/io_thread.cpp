#include "fiber/io_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <latch>
#include <thread>
#include <utility>

#include "base/assert.hpp"
#include "fiber/fiber.hpp"
#include "tidemark/error.hpp"

namespace tidemark::fiber {
namespace {

using namespace std::chrono_literals;
using RealClock = std::chrono::steady_clock;

// An idle thread comes round this often, so that a thread which does not is stuck and not idle.
constexpr std::chrono::milliseconds SLEEP_AT_MOST = 1s;
constexpr std::chrono::milliseconds STOP_AT_MOST = 10s;

thread_local IoThread* running = nullptr;

}  // namespace

struct IoThread::State {
  State(std::string thread_name, Clock& clock, const LoopOptions& options)
      : name{std::move(thread_name)}, loop{clock, options}, io{std::make_unique<boost::asio::io_context>(1)} {}

  void run();
  void sleep();
  bool all_fibers_ended();

  const std::string name;
  Loop loop;
  std::unique_ptr<boost::asio::io_context> io;
  std::atomic<bool> stopping = false;
  std::atomic<RealClock::time_point> last_turn{RealClock::now()};
  RealClock::time_point give_up_at = RealClock::time_point::max();  // set when stopping begins
  std::thread thread;
};

void IoThread::State::run() {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());  // the kernel keeps no more
  const Loop::CurrentScope current{loop};
  const auto keep_running = boost::asio::make_work_guard(*io);
  for (;;) {
    last_turn.store(RealClock::now(), std::memory_order_relaxed);
    const bool more = loop.run_turn();
    if (stopping.load(std::memory_order_acquire) && all_fibers_ended()) break;
    if (!more && loop.prepare_sleep()) {
      sleep();
      loop.end_sleep();
    }
    io->poll();
  }
  loop.close();
}

// Runs at most one of Asio's handlers; poll() does the rest.
void IoThread::State::sleep() {
  std::chrono::milliseconds longest = SLEEP_AT_MOST;
  if (const auto wake = loop.next_wake()) longest = std::clamp(*wake - loop.clock().instant(), Duration{0}, longest);
  io->run_one_for(longest);
}

bool IoThread::State::all_fibers_ended() {
  if (give_up_at == RealClock::time_point::max()) {
    give_up_at = RealClock::now() + STOP_AT_MOST;
    loop.cancel_all();
  }
  if (loop.fiber_count() == 0) return true;
  if (RealClock::now() > give_up_at) {
    fatal("the thread '" + name + "' can't stop: not ended although cancelled: " + loop.fiber_names());
  }
  return false;
}

IoThread::IoThread(std::string name, Clock& clock, const LoopOptions& options)
    : state_{std::make_unique<State>(std::move(name), clock, options)} {
  // An empty handler is enough: it ends the sleep, and the turn follows.
  state_->loop.set_wake_up([io = state_->io.get()] { boost::asio::post(*io, [] {}); });
  std::latch loop_adopted{1};
  state_->thread = std::thread{[this, state = state_.get(), &loop_adopted] {
    running = this;
    state->loop.adopt_thread();
    loop_adopted.count_down();
    state->run();
  }};
  loop_adopted.wait();
}

IoThread::~IoThread() {
  stop();
  join();
  // Handlers that never ran are destroyed here, and what they own may look for its loop.
  state_->loop.adopt_thread();
  const Loop::CurrentScope current{state_->loop};
  state_->io.reset();
}

IoThread* IoThread::current() noexcept { return running; }
Loop& IoThread::loop() noexcept { return state_->loop; }
const Loop& IoThread::loop() const noexcept { return state_->loop; }
boost::asio::io_context& IoThread::io() noexcept { return *state_->io; }
const std::string& IoThread::name() const noexcept { return state_->name; }

void IoThread::run(std::string_view fiber_name, std::function<void()> work) {
  TIDEMARK_ASSERT(!loop().in_thread(), "IoThread::run() from its own thread would wait for itself");
  auto outcome = std::make_shared<std::promise<void>>();
  std::future<void> ended = outcome->get_future();
  auto body = [outcome, work = std::move(work)] {
    try {
      work();
      outcome->set_value();
    } catch (...) {
      outcome->set_exception(std::current_exception());
    }
  };
  loop().post([this, outcome = std::move(outcome), name = std::string{fiber_name}, body = std::move(body)]() mutable {
    try {
      loop().spawn(name, std::move(body));
    } catch (...) {
      outcome->set_exception(std::current_exception());
    }
  });
  try {
    ended.get();
  } catch (const std::future_error&) {  // the promise was dropped
    throw Unavailable{"the thread '" + name() + "' has stopped"};
  }
}

void IoThread::stop() {
  state_->stopping.store(true, std::memory_order_release);
  state_->loop.post([] {});
}

void IoThread::join() {
  if (state_->thread.joinable()) state_->thread.join();
}

RealClock::time_point IoThread::last_turn() const noexcept { return state_->last_turn.load(std::memory_order_relaxed); }

}  // namespace tidemark::fiber
