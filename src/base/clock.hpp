// Clock: where every part of Tidemark asks for the time, so that a test can bring its own.
#pragma once
#include <atomic>
#include <chrono>

#include "tidemark/time.hpp"

namespace tidemark {

// The time of day in microseconds: for measuring what is shown beside other processes' measurements.
using Moment = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

// Monotonic time, for deadlines and idle times. Never stored.
using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  // The time of day in UTC; it may jump, either way.
  virtual TimePoint now() const = 0;
  // The same, as finely as this clock knows it.
  virtual Moment moment() const { return now(); }
  // Rises steadily from an unspecified start.
  virtual Instant instant() const = 0;

  static Clock& system();  // the machine's; never destroyed
};

// Stands still until told otherwise. Any thread may read it; one advances it.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(TimePoint start = TimePoint{std::chrono::milliseconds{1'700'000'000'000}}) : now_{start} {}
  TimePoint now() const override { return now_.load(); }
  Instant instant() const override { return instant_.load(); }
  // Moves both times forward.
  void advance(Duration by) {
    now_ = now_.load() + by;
    instant_ = instant_.load() + by;
  }
  // Sets the time of day alone, as an operator or NTP would.
  void jump_to(TimePoint now) { now_ = now; }

 private:
  std::atomic<TimePoint> now_;
  std::atomic<Instant> instant_{Instant{std::chrono::milliseconds{1'000'000}}};
};

}  // namespace tidemark
