#include "store/redis/entry_waiters.hpp"

#include <algorithm>
#include <utility>

namespace tidemark::store {

void EntryWaiters::Registration::end() {
  if (waiter_) waiters_->remove(topic_, waiter_);
  waiter_.reset();
}

std::uint64_t EntryWaiters::changes(std::string_view topic) const {
  const std::lock_guard lock{mutex_};
  const auto found = topics_.find(topic);
  return found == topics_.end() ? 0 : found->second.changes;
}

EntryWaiters::Registration EntryWaiters::add(std::string_view topic, std::uint64_t seen, StreamId above,
                                             std::function<void()> wake) {
  const std::lock_guard lock{mutex_};
  auto found = topics_.find(topic);
  if (found == topics_.end()) found = topics_.try_emplace(std::string{topic}).first;
  if (found->second.changes != seen) return {};
  auto waiter = std::make_shared<Waiter>(Waiter{above, std::move(wake)});
  found->second.waiters.push_back(waiter);
  return {*this, std::string{topic}, std::move(waiter)};
}

void EntryWaiters::changed(std::string_view topic) {
  std::vector<std::function<void()>> wakes;
  {
    const std::lock_guard lock{mutex_};
    auto found = topics_.find(topic);
    if (found == topics_.end()) found = topics_.try_emplace(std::string{topic}).first;
    ++found->second.changes;
    for (auto& waiter : found->second.waiters) wakes.push_back(std::move(waiter->wake));
    found->second.waiters.clear();
  }
  for (const auto& wake : wakes) wake();
}

std::optional<StreamId> EntryWaiters::lowest(std::string_view topic) const {
  const std::lock_guard lock{mutex_};
  const auto found = topics_.find(topic);
  if (found == topics_.end() || found->second.waiters.empty()) return std::nullopt;
  auto lowest = StreamId::max();
  for (const auto& waiter : found->second.waiters) lowest = std::min(lowest, waiter->above);
  return lowest;
}

std::vector<std::string> EntryWaiters::changed_topics() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> names;
  for (const auto& [name, topic] : topics_) {
    if (topic.changes > 0) names.push_back(name);
  }
  return names;
}

void EntryWaiters::remove(const std::string& topic, const std::shared_ptr<Waiter>& waiter) {
  const std::lock_guard lock{mutex_};
  const auto found = topics_.find(topic);
  if (found != topics_.end()) std::erase(found->second.waiters, waiter);
}

}  // namespace tidemark::store
