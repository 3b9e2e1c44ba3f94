#include "fiber/timer_wheel.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"

namespace tidemark::fiber {

TimerWheel::TimerWheel(Duration tick, Instant now)
    : tick_ms_{static_cast<std::uint64_t>(tick.count())}, slots_{std::make_unique<Entries[]>(SLOTS)} {
  TIDEMARK_ASSERT(tick.count() > 0, "a timer wheel's tick is at least a millisecond");
  current_ = static_cast<std::uint64_t>(now.time_since_epoch().count()) / tick_ms_;
}

std::uint64_t TimerWheel::tick_of(Instant deadline) const noexcept {
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(deadline.time_since_epoch().count(), 0));
  return ms / tick_ms_ + (ms % tick_ms_ != 0 ? 1 : 0);
}

Instant TimerWheel::time_of(std::uint64_t tick) const noexcept {
  return Instant{Duration{static_cast<std::int64_t>(tick * tick_ms_)}};
}

void TimerWheel::insert(TimerEntry& entry, Instant deadline) noexcept {
  entry.unlink();
  entry.deadline_ = deadline;
  const std::uint64_t tick = tick_of(deadline);
  if (tick <= current_) {
    due_.push_back(entry);
    return;
  }
  const std::uint64_t slot = tick % SLOTS;
  slots_[slot].push_back(entry);
  bits_[slot / 64] |= std::uint64_t{1} << (slot % 64);
}

void TimerWheel::collect(std::uint64_t slot, std::uint64_t up_to) {
  slots_[slot].for_each([&](TimerEntry& entry) {
    if (tick_of(entry.deadline_) > up_to) return;
    entry.unlink();
    due_.push_back(entry);
  });
  if (slots_[slot].empty()) bits_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
}

void TimerWheel::advance(Instant now) {
  const std::uint64_t target = static_cast<std::uint64_t>(now.time_since_epoch().count()) / tick_ms_;
  const std::uint64_t steps = target > current_ ? std::min(target - current_, SLOTS) : 0;
  for (std::uint64_t step = 1; step <= steps; ++step) {
    const std::uint64_t slot = (current_ + step) % SLOTS;
    if (occupied(slot)) collect(slot, target);
  }
  current_ = std::max(current_, target);

  Entries calling;
  calling.take_all(due_);
  while (!calling.empty()) {
    TimerEntry& entry = calling.front();
    entry.unlink();
    entry.on_time();
  }
}

std::optional<Instant> TimerWheel::next_wake() const noexcept {
  if (has_due()) return time_of(current_);
  const std::uint64_t first = (current_ + 1) % SLOTS;
  // One word more than there are: the first is looked at from `first` on, and once more, whole, at the end.
  for (std::uint64_t n = 0; n <= WORDS; ++n) {
    const std::uint64_t word = (first / 64 + n) % WORDS;
    std::uint64_t bits = bits_[word];
    if (n == 0) bits &= ~std::uint64_t{0} << (first % 64);
    for (; bits != 0; bits &= bits - 1) {
      const std::uint64_t slot = word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits));
      if (slots_[slot].empty()) continue;
      return time_of(current_ + 1 + (slot + SLOTS - first) % SLOTS);
    }
  }
  return std::nullopt;
}

std::optional<Instant> TimerWheel::next_deadline() const {
  if (has_due()) return time_of(current_);
  std::optional<std::uint64_t> earliest;
  for (std::uint64_t slot = 0; slot < SLOTS; ++slot) {
    if (!occupied(slot)) continue;
    slots_[slot].for_each([&](TimerEntry& entry) {
      const std::uint64_t tick = tick_of(entry.deadline_);
      if (!earliest || tick < *earliest) earliest = tick;
    });
  }
  if (!earliest) return std::nullopt;
  return time_of(*earliest);
}

}  // namespace tidemark::fiber
