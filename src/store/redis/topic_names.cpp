#include "store/redis/topic_names.hpp"

#include <utility>

#include "store/redis/answer.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/server.hpp"

namespace tidemark::store {

Result<void> TopicNames::note(Server& server, std::string_view topic, bool has_retention) {
  {
    const std::lock_guard lock{mutex_};
    if (has_retention) {
      with_retention_.emplace(topic);
      released_.emplace(topic);
    }
    if (announced_.contains(topic)) return {};
  }
  redis::Command command{"SADD", keys::ALL_TOPICS, topic};
  command.at(keys::ALL_TOPICS).repeatable();
  if (const auto added = server.run(command); !added) return added.error();
  const std::lock_guard lock{mutex_};
  announced_.emplace(topic);
  return {};
}

Result<std::vector<std::string>> TopicNames::all(Server& server) {
  for (const auto& topic : server.shared().waiters.changed_topics()) TIDEMARK_TRY(note(server, topic, false));
  redis::Command command{"SMEMBERS", keys::ALL_TOPICS};
  command.at(keys::ALL_TOPICS).repeatable();
  const auto members = server.run(command);
  if (!members) return members.error();
  const std::lock_guard lock{mutex_};
  std::set<std::string> names;
  for (const auto& member : members->items) {
    names.insert(member.text);
    if (announced_.insert(member.text).second) with_retention_.insert(member.text);  // until it is known better
  }
  return std::vector<std::string>{names.begin(), names.end()};
}

std::vector<std::string> TopicNames::with_retention() const {
  const std::lock_guard lock{mutex_};
  return {with_retention_.begin(), with_retention_.end()};
}

void TopicNames::has_no_retention(std::string_view topic) {
  const std::lock_guard lock{mutex_};
  if (const auto found = with_retention_.find(topic); found != with_retention_.end()) with_retention_.erase(found);
}

void TopicNames::forget_announced() {
  const std::lock_guard lock{mutex_};
  announced_.clear();
}

void TopicNames::note_released(std::string_view topic) {
  const std::lock_guard lock{mutex_};
  if (with_retention_.contains(topic)) released_.emplace(topic);
}

std::vector<std::string> TopicNames::take_released() {
  const std::lock_guard lock{mutex_};
  const auto released = std::exchange(released_, {});
  return {released.begin(), released.end()};
}

}  // namespace tidemark::store
