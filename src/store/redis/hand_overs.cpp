#include "store/redis/hand_overs.hpp"

#include <algorithm>

namespace tidemark::store {

void HandOvers::note_session(std::string_view topic, std::string_view group) {
  const std::lock_guard lock{mutex_};
  sessions_.emplace(topic, group);
}

std::vector<std::pair<std::string, std::string>> HandOvers::sessions() const {
  const std::lock_guard lock{mutex_};
  return {sessions_.begin(), sessions_.end()};
}

void HandOvers::note_lost(const Subscription& by, std::uint64_t token) {
  const std::lock_guard lock{mutex_};
  lost_.emplace_back(Reader{by.topic, by.group, by.consumer}, token);
  lost_count_ = lost_.size();
}

std::uint64_t HandOvers::take_lost(const Subscription& by) {
  if (lost_count_ == 0) return 0;
  const std::lock_guard lock{mutex_};
  const auto found = std::find_if(lost_.begin(), lost_.end(), [&](const auto& lost) {
    return std::tie(by.topic, by.group, by.consumer) == lost.first;
  });
  if (found == lost_.end()) return 0;
  const auto token = found->second;
  lost_.erase(found);
  lost_count_ = lost_.size();
  return token;
}

}  // namespace tidemark::store
