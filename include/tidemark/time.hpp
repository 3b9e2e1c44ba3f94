// TimePoint: a moment in UTC with milliseconds, as stored in documents and events.
#pragma once
#include <chrono>

namespace tidemark {

// In JSON and in events: RFC 3339 in UTC, "2026-01-31T12:00:00.000Z".
using TimePoint = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

}  // namespace tidemark
