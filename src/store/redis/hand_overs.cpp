#include "store/redis/hand_overs.hpp"

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

std::vector<std::uint64_t> HandOvers::take_lost(const Subscription& by) {
  if (lost_count_ == 0) return {};
  const std::lock_guard lock{mutex_};
  std::vector<std::uint64_t> tokens;
  std::erase_if(lost_, [&](const auto& lost) {
    if (std::tie(by.topic, by.group, by.consumer) != lost.first) return false;
    tokens.push_back(lost.second);
    return true;
  });
  lost_count_ = lost_.size();
  return tokens;
}

}  // namespace tidemark::store
