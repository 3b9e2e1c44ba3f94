// How a group is, in one word and in a sentence.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "kit/dispatch/pauses.hpp"

namespace tidemark::kit {

struct GroupSigns {
  std::uint64_t lag = 0, pending = 0, retrying = 0, parked = 0, dead_letters = 0;
  std::optional<Duration> oldest_waiting;
  double failed_per_s = 0;
  bool is_full = false;  // it has paused by itself
  bool is_read = true;   // somebody reads as it
  std::optional<Pause> pause;
};

struct GroupHealth {
  std::string health;  // "ok", "waiting", "failing"
  std::string why;     // empty where it is ok
};

GroupHealth health_of(const GroupSigns& signs);

// "1 event", "10,000 events".
std::string counted(std::uint64_t count, std::string_view one, std::string_view more);

}  // namespace tidemark::kit
