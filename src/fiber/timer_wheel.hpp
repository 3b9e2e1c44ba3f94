// TimerWheel: all deadlines of a loop, in slots of one tick each. A deadline further away than the wheel is round stays
// in its slot and is passed over until its round comes. Arming and cancelling take constant time.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "fiber/timer.hpp"

namespace tidemark::fiber {

class TimerWheel {
 public:
  TimerWheel(Duration tick, Instant now);

  // Moves the entry here from wherever it was. One whose time has come is met by the next advance(), even one to the
  // same instant.
  void insert(TimerEntry& entry, Instant deadline) noexcept;

  // Calls what is due by `now`, which never goes back. Entries made due by these calls wait for the next advance().
  void advance(Instant now);

  // At most the time of the first call, and more often than not exactly that; none when nothing is armed.
  std::optional<Instant> next_wake() const noexcept;
  // The time of the first call, found by looking at every entry.
  std::optional<Instant> next_deadline() const;
  // Whether advance() would call something even if no time passes.
  bool has_due() const noexcept { return !due_.empty(); }

 private:
  using Entries = List<TimerEntry, InWheel>;
  static constexpr std::uint64_t SLOTS = 4096;  // 20 s round at the usual 5 ms; a power of two
  static constexpr std::uint64_t WORDS = SLOTS / 64;

  // The first tick at or after a deadline.
  std::uint64_t tick_of(Instant deadline) const noexcept;
  Instant time_of(std::uint64_t tick) const noexcept;
  bool occupied(std::uint64_t slot) const noexcept { return (bits_[slot / 64] >> (slot % 64) & 1) != 0; }
  void collect(std::uint64_t slot, std::uint64_t up_to);

  const std::uint64_t tick_ms_;
  std::uint64_t current_ = 0;  // the tick up to which everything was collected
  std::unique_ptr<Entries[]> slots_;
  // A set bit: the slot may have entries; they can leave without telling. A clear one: it has none.
  std::array<std::uint64_t, WORDS> bits_{};
  mutable Entries due_;
};

}  // namespace tidemark::fiber
