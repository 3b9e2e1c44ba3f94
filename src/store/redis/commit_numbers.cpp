#include "store/redis/commit_numbers.hpp"

namespace tidemark::store {

CommitNumbers::Number CommitNumbers::next(const model::Partition& partition, Instant now) {
  const std::lock_guard lock{mutex_};
  auto& counted = partitions_[partition];
  const bool extends = !counted.recorded || now - counted.extended >= SESSION_EXTENDED_AFTER;
  if (extends) counted.extended = now;
  return {.value = ++counted.last, .extends = extends};
}

void CommitNumbers::note_recorded(const model::Partition& partition) {
  const std::lock_guard lock{mutex_};
  partitions_[partition].recorded = true;
}

bool CommitNumbers::is_recorded(const model::Partition& partition) const {
  const std::lock_guard lock{mutex_};
  const auto found = partitions_.find(partition);
  return found != partitions_.end() && found->second.recorded;
}

}  // namespace tidemark::store
