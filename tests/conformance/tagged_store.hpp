// TaggedStore: puts the suite's topics where its partition stands, as a cluster demands of what a partition's commits
// settle: the topic "orders" is own_topic(PARTITION, "orders") at the store. Names that begin with a brace, or with
// "shared.", stay as they are.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kit/testing/test_store.hpp"

namespace tidemark::conformance {

class TaggedStore final : public kit::DelegatingStore {
 public:
  TaggedStore(std::unique_ptr<store::Store> inner, model::Partition partition)
      : DelegatingStore{std::move(inner)}, partition_{std::move(partition)} {}

  Result<void> declare_topic(const model::TopicDefinition& topic) override {
    return DelegatingStore::declare_topic({tagged(topic.name), topic.retention});
  }
  Result<void> declare_group(std::string_view topic, std::string_view group, StreamId start) override {
    return DelegatingStore::declare_group(tagged(topic), group, start);
  }
  Result<void> remove_group(std::string_view topic, std::string_view group) override {
    return DelegatingStore::remove_group(tagged(topic), group);
  }
  Result<model::Forwarded> forward(const model::Forwarding& forwarding) override {
    auto there = forwarding;
    there.source = tagged(there.source);
    there.target = tagged(there.target);
    return DelegatingStore::forward(there);
  }
  Result<void> move_cursor(std::string_view topic, std::string_view group, StreamId to) override {
    return DelegatingStore::move_cursor(tagged(topic), group, to);
  }
  Result<model::Committed> commit(const model::Commit& commit) override {
    auto there = commit;
    for (auto& settlement : there.settlements) settlement.topic = tagged(settlement.topic);
    for (auto& publication : there.publications) publication.topic = tagged(publication.topic);
    for (auto& timer : there.timers) timer.topic = tagged(timer.topic);
    for (auto& erasure : there.erasures) erasure.topic = tagged(erasure.topic);
    return DelegatingStore::commit(there);
  }
  Result<model::Batch> fetch(const store::Subscription& by, std::uint32_t count, std::size_t bytes,
                             Instant deadline) override {
    return DelegatingStore::fetch(tagged(by), count, bytes, deadline);
  }
  Result<model::Batch> claim(const store::Subscription& by, Duration idle, StreamId after,
                             std::uint32_t count) override {
    return DelegatingStore::claim(tagged(by), idle, after, count);
  }
  Result<Lsn> record_attempt(const store::Subscription& by, StreamId id, std::uint64_t token,
                             std::uint32_t attempt) override {
    return DelegatingStore::record_attempt(tagged(by), id, token, attempt);
  }
  Result<std::vector<StreamId>> extend_leases(const store::Subscription& by,
                                              std::span<const std::pair<StreamId, std::uint64_t>> deliveries) override {
    return DelegatingStore::extend_leases(tagged(by), deliveries);
  }
  Result<std::vector<model::Entry>> read(std::string_view topic, StreamId after, std::uint32_t count) override {
    return DelegatingStore::read(tagged(topic), after, count);
  }
  Result<std::vector<model::Entry>> read_back(std::string_view topic, StreamId before, std::uint32_t count) override {
    return DelegatingStore::read_back(tagged(topic), before, count);
  }
  Result<std::optional<model::Entry>> read_one(std::string_view topic, StreamId id) override {
    return DelegatingStore::read_one(tagged(topic), id);
  }
  Result<bool> wait_for_entries(std::span<const store::Position> positions, Instant deadline) override {
    std::vector<store::Position> there{positions.begin(), positions.end()};
    for (auto& position : there) position.topic = tagged(position.topic);
    return DelegatingStore::wait_for_entries(there, deadline);
  }
  Result<model::EntryCount> count_entries(std::string_view topic, StreamId after, StreamId up_to,
                                          std::uint64_t at_most) override {
    return DelegatingStore::count_entries(tagged(topic), after, up_to, at_most);
  }
  Result<std::vector<model::Timer>> timers(const std::optional<model::TimerPlace>& after,
                                           std::uint32_t count) override {
    auto timers = DelegatingStore::timers(after, count);
    if (!timers) return timers;
    for (auto& timer : *timers) timer.topic = untagged(timer.topic);
    return timers;
  }
  Result<std::vector<model::TopicInfo>> topics() override {
    auto topics = DelegatingStore::topics();
    if (!topics) return topics;
    for (auto& topic : *topics) topic.name = untagged(topic.name);
    return topics;
  }
  Result<model::TopicInfo> topic(std::string_view name) override {
    auto info = DelegatingStore::topic(tagged(name));
    if (info) info->name = name;
    return info;
  }
  Result<std::vector<model::GroupInfo>> groups(std::string_view topic) override {
    auto groups = DelegatingStore::groups(tagged(topic));
    if (!groups) return groups;
    for (auto& group : *groups) group.topic = topic;
    return groups;
  }
  Result<std::vector<model::PendingInfo>> pending(std::string_view topic, std::string_view group, StreamId after,
                                                  std::uint32_t count) override {
    return DelegatingStore::pending(tagged(topic), group, after, count);
  }
  Result<std::uint64_t> erase_entries(std::string_view topic, std::span<const StreamId> ids) override {
    return DelegatingStore::erase_entries(tagged(topic), ids);
  }

 private:
  // An empty or overlong name is to be refused as such.
  std::string tagged(std::string_view topic) const {
    if (topic.empty() || topic.starts_with('{') || topic.starts_with("shared.")) return std::string{topic};
    return model::own_topic(partition_, topic);
  }
  store::Subscription tagged(store::Subscription by) const {
    by.topic = tagged(by.topic);
    return by;
  }
  std::string untagged(const std::string& topic) const {
    const auto tag = partition_.tag();
    return topic.starts_with(tag) ? topic.substr(tag.size()) : topic;
  }

  const model::Partition partition_;
};

}  // namespace tidemark::conformance
