#include "kit/admin/group_health.hpp"

namespace tidemark::kit {
namespace {

// An event that has waited for longer is late.
constexpr Duration LATE = std::chrono::seconds{10};

std::string in_words(Duration time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + " min";
  if (seconds < 2 * 86400) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " days";
}

std::string events(std::uint64_t count) { return counted(count, "event", "events"); }

}  // namespace

std::string counted(std::uint64_t count, std::string_view one, std::string_view more) {
  auto digits = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits.append(" ").append(count == 1 ? one : more);
}

GroupHealth health_of(const GroupSigns& signs) {
  const auto letters = counted(signs.dead_letters, "dead letter", "dead letters");
  if (signs.is_full)
    return {"failing", "paused by itself: " + events(signs.parked) + " wait behind failing ones of their keys"};
  if (signs.retrying > 0)
    return {"failing", events(signs.retrying) + (signs.retrying == 1 ? " failed and waits" : " failed and wait") +
                           " for the next attempt" + (signs.dead_letters > 0 ? "; " + letters : "")};
  if (signs.dead_letters > 0) return {"failing", letters};
  if (signs.failed_per_s > 0) return {"failing", "runs fail"};
  const auto waiting = signs.lag + signs.pending;
  if (signs.pause)
    return {"waiting", "paused" + (signs.pause->reason.empty() ? std::string{} : ": " + signs.pause->reason) +
                           (waiting > 0 ? "; " + events(waiting) + (waiting == 1 ? " waits" : " wait") : "")};
  if (!signs.is_read && signs.lag > 0)
    return {"waiting", "nobody reads it, and " + events(signs.lag) + (signs.lag == 1 ? " waits" : " wait")};
  if (waiting > 0 && signs.oldest_waiting && *signs.oldest_waiting > LATE)
    return {"waiting", events(waiting) + (waiting == 1 ? " waits" : " wait") + ", the oldest for " +
                           in_words(*signs.oldest_waiting)};
  return {"ok", {}};
}

}  // namespace tidemark::kit
