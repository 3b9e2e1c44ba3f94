#include "store/redis/outbox_backlogs.hpp"

#include "telemetry/log.hpp"

namespace tidemark::store {

void OutboxBacklogs::note_stuck(const std::string& outbox, std::uint64_t waiting) {
  const std::lock_guard lock{mutex_};
  auto& known = waiting_[outbox];
  if (known < OUTBOX_WAITING_MAX && waiting >= OUTBOX_WAITING_MAX) {
    log::error("too many events wait for a topic that can't be reached or written to: publishing to it is refused",
               {{"outbox", outbox}, {"waiting", waiting}});
  }
  known = waiting;
  stuck_ = waiting_.size();
}

void OutboxBacklogs::note_poured(std::string_view outbox) {
  if (stuck_ == 0) return;
  const std::lock_guard lock{mutex_};
  const auto at = waiting_.find(outbox);
  if (at == waiting_.end()) return;
  waiting_.erase(at);
  stuck_ = waiting_.size();
}

Result<void> OutboxBacklogs::check(std::string_view outbox, std::string_view topic) const {
  if (stuck_ == 0) return {};
  const std::lock_guard lock{mutex_};
  const auto at = waiting_.find(outbox);
  if (at == waiting_.end() || at->second < OUTBOX_WAITING_MAX) return {};
  return fail(
      ErrorCode::overloaded,
      std::to_string(at->second) +
          " events wait for it, since its node of the cluster can't be reached or does not take them; try again "
          "when it does",
      "topic '" + std::string{topic} + "'");
}

std::uint64_t OutboxBacklogs::waiting() const {
  if (stuck_ == 0) return 0;
  const std::lock_guard lock{mutex_};
  std::uint64_t all = 0;
  for (const auto& [outbox, waiting] : waiting_) all += waiting;
  return all;
}

}  // namespace tidemark::store
