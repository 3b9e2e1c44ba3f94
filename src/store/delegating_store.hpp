// DelegatingStore: hands every call on to another store; what wraps one overrides the calls that it is about.
#pragma once
#include <memory>
#include <utility>

#include "store/store.hpp"

namespace tidemark::store {

class DelegatingStore : public Store {
 public:
  explicit DelegatingStore(std::shared_ptr<Store> inner) : inner_{std::move(inner)} {}

  Result<void> declare_topic(const model::TopicDefinition& topic) override { return inner_->declare_topic(topic); }
  Result<void> declare_group(std::string_view topic, std::string_view group, StreamId start) override {
    return inner_->declare_group(topic, group, start);
  }
  Result<void> remove_group(std::string_view topic, std::string_view group) override {
    return inner_->remove_group(topic, group);
  }
  Result<void> declare_collection(const model::CollectionDefinition& collection) override {
    return inner_->declare_collection(collection);
  }
  bool is_distributed() const noexcept override { return inner_->is_distributed(); }
  Result<void> declare_partitions(std::string_view service, std::uint16_t count) override {
    return inner_->declare_partitions(service, count);
  }
  Result<bool> has_lost(std::string_view service) override { return inner_->has_lost(service); }
  Result<std::vector<std::string>> join(std::string_view service, std::string_view member, Duration time) override {
    return inner_->join(service, member, time);
  }
  Result<void> leave(std::string_view service, std::string_view member) override {
    return inner_->leave(service, member);
  }
  Result<LeaseAnswer> lease(const model::Partition& partition, std::string_view owner, Duration time) override {
    return inner_->lease(partition, owner, time);
  }
  Result<void> release(const model::Lease& lease) override { return inner_->release(lease); }
  Result<model::Forwarded> forward(const model::Forwarding& forwarding) override { return inner_->forward(forwarding); }
  Result<void> move_cursor(std::string_view topic, std::string_view group, StreamId to) override {
    return inner_->move_cursor(topic, group, to);
  }
  Result<model::Committed> commit(const model::Commit& commit) override { return inner_->commit(commit); }
  Result<void> wait_durable(Lsn lsn) override { return inner_->wait_durable(lsn); }
  bool is_durable(Lsn lsn) const noexcept override { return inner_->is_durable(lsn); }
  Lsn seen() const noexcept override { return inner_->seen(); }
  Result<model::Read<std::optional<model::Document>>> find(const model::Partition& partition,
                                                           std::string_view collection, std::string_view id) override {
    return inner_->find(partition, collection, id);
  }
  Result<model::Read<model::Page>> query(const model::Partition& partition, const model::Query& query) override {
    return inner_->query(partition, query);
  }
  Result<model::Read<std::optional<std::string>>> find_key(const model::Partition& partition,
                                                           std::string_view key) override {
    return inner_->find_key(partition, key);
  }
  Result<model::Batch> fetch(const Subscription& by, std::uint32_t count, std::size_t bytes,
                             Instant deadline) override {
    return inner_->fetch(by, count, bytes, deadline);
  }
  Result<model::Batch> claim(const Subscription& by, Duration idle, StreamId after, std::uint32_t count) override {
    return inner_->claim(by, idle, after, count);
  }
  Result<Lsn> record_attempt(const Subscription& by, StreamId id, std::uint64_t token, std::uint32_t attempt) override {
    return inner_->record_attempt(by, id, token, attempt);
  }
  Result<std::vector<StreamId>> extend_leases(const Subscription& by,
                                              std::span<const std::pair<StreamId, std::uint64_t>> deliveries) override {
    return inner_->extend_leases(by, deliveries);
  }
  Result<std::vector<model::Entry>> read(std::string_view topic, StreamId after, std::uint32_t count) override {
    return inner_->read(topic, after, count);
  }
  Result<std::vector<model::Entry>> read_back(std::string_view topic, StreamId before, std::uint32_t count) override {
    return inner_->read_back(topic, before, count);
  }
  Result<std::optional<model::Entry>> read_one(std::string_view topic, StreamId id) override {
    return inner_->read_one(topic, id);
  }
  Result<bool> wait_for_entries(std::span<const Position> positions, Instant deadline) override {
    return inner_->wait_for_entries(positions, deadline);
  }
  Result<model::EntryCount> count_entries(std::string_view topic, StreamId after, StreamId up_to,
                                          std::uint64_t at_most) override {
    return inner_->count_entries(topic, after, up_to, at_most);
  }
  Result<std::vector<model::TopicInfo>> topics() override { return inner_->topics(); }
  Result<model::TopicInfo> topic(std::string_view name) override { return inner_->topic(name); }
  Result<std::vector<model::GroupInfo>> groups(std::string_view topic) override { return inner_->groups(topic); }
  Result<std::vector<model::PendingInfo>> pending(std::string_view topic, std::string_view group, StreamId after,
                                                  std::uint32_t count) override {
    return inner_->pending(topic, group, after, count);
  }
  Result<std::uint64_t> erase_entries(std::string_view topic, std::span<const StreamId> ids) override {
    return inner_->erase_entries(topic, ids);
  }
  Result<std::vector<model::CollectionInfo>> collections() override { return inner_->collections(); }
  Result<model::DocumentCount> count_documents(const model::Partition& partition, std::string_view collection,
                                               std::uint64_t at_most) override {
    return inner_->count_documents(partition, collection, at_most);
  }
  Result<std::vector<model::Timer>> timers(const std::optional<model::TimerPlace>& after,
                                           std::uint32_t count) override {
    return inner_->timers(after, count);
  }
  Result<TimePoint> maintain() override { return inner_->maintain(); }
  Result<BackupMade> backup(const BackupWish& wish) override { return inner_->backup(wish); }
  std::optional<BackupProgress> backup_underway() const override { return inner_->backup_underway(); }
  DurabilityReport durability() const override { return inner_->durability(); }
  Health health() const override { return inner_->health(); }
  std::vector<Metric> metrics() const override { return inner_->metrics(); }

 private:
  std::shared_ptr<Store> inner_;
};

}  // namespace tidemark::store
