// When an entry came, as its id tells it.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/stream_id.hpp"
#include "tidemark/time.hpp"

namespace tidemark::kit {

// The moment of the id's milliseconds; the last one that RFC 3339 can say, 9999-12-31T23:59:59.999Z, for ids beyond it.
inline TimePoint time_of(StreamId id) {
  constexpr std::uint64_t LAST_MS = 253'402'300'799'999;
  return TimePoint{std::chrono::milliseconds{static_cast<std::int64_t>(std::min(id.ms, LAST_MS))}};
}

}  // namespace tidemark::kit
