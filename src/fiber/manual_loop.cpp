#include "fiber/manual_loop.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include "base/assert.hpp"

namespace tidemark::fiber {
namespace {

using namespace std::chrono_literals;
using RealClock = std::chrono::steady_clock;

constexpr auto RUN_AT_MOST = 30s;
constexpr auto STOP_AT_MOST = 5s;

}  // namespace

// Rung by a post from another thread while the loop sleeps.
class ManualLoop::Bell {
 public:
  void ring() {
    const std::lock_guard lock{mutex_};
    rung_ = true;
    changed_.notify_one();
  }

  bool wait_until(RealTime until) {
    std::unique_lock lock{mutex_};
    changed_.wait_until(lock, until, [this] { return rung_; });
    return std::exchange(rung_, false);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};

ManualLoop::ManualLoop(VirtualClock& clock, std::size_t stack_bytes) : ManualLoop{clock, &clock, stack_bytes} {}
ManualLoop::ManualLoop(Clock& clock, std::size_t stack_bytes)
    : ManualLoop{clock, dynamic_cast<VirtualClock*>(&clock), stack_bytes} {}

ManualLoop::ManualLoop(Clock& clock, VirtualClock* virtual_clock, std::size_t stack_bytes)
    : virtual_clock_{virtual_clock},
      bell_{std::make_unique<Bell>()},
      loop_{clock, {.tick = Duration{1}, .stack_bytes = stack_bytes}} {
  loop_.set_wake_up([bell = bell_.get()] { bell->ring(); });
}

ManualLoop::~ManualLoop() {
  const RealTime give_up_at = RealClock::now() + STOP_AT_MOST;
  loop_.cancel_all();
  for (run_ready(); loop_.fiber_count() > 0; run_ready()) {
    if (block(RealClock::now() + 1ms)) continue;
    if (virtual_clock_ != nullptr && advance_to_next()) continue;
    if (RealClock::now() > give_up_at) fatal("fibers have not ended although cancelled: " + loop_.fiber_names());
  }
  loop_.close();
}

void ManualLoop::run_ready() {
  while (loop_.run_turn()) {
  }
}

bool ManualLoop::advance_to_next() {
  TIDEMARK_ASSERT(virtual_clock_ != nullptr, "real time can't be moved");
  const std::optional<Instant> next = next_deadline();
  if (!next) return false;
  virtual_clock_->advance(std::max(*next - virtual_clock_->instant(), Duration{0}));
  run_ready();
  return true;
}

void ManualLoop::advance(Duration by) {
  TIDEMARK_ASSERT(virtual_clock_ != nullptr, "real time can't be moved");
  run_ready();
  const Instant target = virtual_clock_->instant() + by;
  for (auto next = next_deadline(); next && *next <= target; next = next_deadline()) advance_to_next();
  virtual_clock_->advance(target - virtual_clock_->instant());
  run_ready();
}

bool ManualLoop::block(RealTime until) {
  if (!loop_.prepare_sleep()) return true;
  bool woken = false;
  const std::optional<Instant> next = loop_.next_wake();
  if (virtual_clock_ == nullptr && next && RealTime{*next} < until) {
    bell_->wait_until(RealTime{*next});
    woken = true;
  } else {
    woken = bell_->wait_until(until);
  }
  loop_.end_sleep();
  return woken;
}

bool ManualLoop::run_until(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  const RealTime give_up_at = RealClock::now() + limit;
  for (run_ready(); !done(); run_ready()) {
    if (!block(give_up_at)) {
      run_ready();
      return done();
    }
  }
  return true;
}

void ManualLoop::run(std::string_view name, Task body, std::chrono::milliseconds patience) {
  std::exception_ptr failure;
  const FiberHandle fiber = loop_.spawn(name, [&failure, body = std::move(body)]() mutable {
    try {
      body();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  RealTime give_up_at = RealClock::now() + RUN_AT_MOST;
  for (run_ready(); !fiber.done(); run_ready()) {
    if (block(RealClock::now() + patience) || (virtual_clock_ != nullptr && advance_to_next())) {
      give_up_at = RealClock::now() + RUN_AT_MOST;
    } else if (RealClock::now() > give_up_at) {
      fatal("nothing will end the wait of the fiber '" + std::string{name} + "'");
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace tidemark::fiber
