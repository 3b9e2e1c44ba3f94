// TestStore: a real store with trouble on demand: a tidemark that stands still, commits that come too late, outages.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "fiber/completion.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// Hands everything on.
class DelegatingStore : public store::Store {
 public:
  explicit DelegatingStore(std::shared_ptr<store::Store> inner) : inner_{std::move(inner)} {}

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
  Result<std::vector<std::string>> join(std::string_view service, std::string_view member, Duration time) override {
    return inner_->join(service, member, time);
  }
  Result<void> leave(std::string_view service, std::string_view member) override {
    return inner_->leave(service, member);
  }
  Result<store::LeaseAnswer> lease(const model::Partition& partition, std::string_view owner, Duration time) override {
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
  Result<model::Batch> fetch(const store::Subscription& by, std::uint32_t count, std::size_t bytes,
                             Instant deadline) override {
    return inner_->fetch(by, count, bytes, deadline);
  }
  Result<model::Batch> claim(const store::Subscription& by, Duration idle, StreamId after,
                             std::uint32_t count) override {
    return inner_->claim(by, idle, after, count);
  }
  Result<Lsn> record_attempt(const store::Subscription& by, StreamId id, std::uint64_t token,
                             std::uint32_t attempt) override {
    return inner_->record_attempt(by, id, token, attempt);
  }
  Result<std::vector<StreamId>> extend_leases(const store::Subscription& by,
                                              std::span<const std::pair<StreamId, std::uint64_t>> deliveries) override {
    return inner_->extend_leases(by, deliveries);
  }
  Result<std::vector<model::Entry>> read(std::string_view topic, StreamId after, std::uint32_t count) override {
    return inner_->read(topic, after, count);
  }
  Result<std::optional<model::Entry>> read_one(std::string_view topic, StreamId id) override {
    return inner_->read_one(topic, id);
  }
  Result<bool> wait_for_entries(std::span<const store::Position> positions, Instant deadline) override {
    return inner_->wait_for_entries(positions, deadline);
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
  Result<TimePoint> maintain() override { return inner_->maintain(); }
  store::DurabilityReport durability() const override { return inner_->durability(); }
  store::Health health() const override { return inner_->health(); }
  std::vector<store::Metric> metrics() const override { return inner_->metrics(); }

 private:
  std::shared_ptr<store::Store> inner_;
};

// What goes wrong at a TestStore. Outlives it, so that a test can hold it over restarts. Any thread.
class Trouble {
 public:
  // Nothing becomes durable any more, until release().
  void hold_tidemark() {
    const std::scoped_lock lock{mutex_};
    held_ = true;
  }
  void release_tidemark() {
    std::vector<Waiting> waiting;
    {
      const std::scoped_lock lock{mutex_};
      held_ = false;
      waiting.swap(waiting_);
    }
    for (const auto& waiter : waiting) waiter.released.set();
  }
  // Whether somebody waits for the tidemark to reach this LSN, or a higher one.
  bool waited_for(Lsn lsn) const {
    const std::scoped_lock lock{mutex_};
    for (const auto& waiting : waiting_)
      if (waiting.lsn >= lsn) return true;
    return false;
  }
  std::size_t waiting() const {
    const std::scoped_lock lock{mutex_};
    return waiting_.size();
  }

  std::atomic<bool> distributed{false};  // whether it says that it is a cluster; set before it is made
  std::atomic<int> conflicts{0};         // so many of the next commits that change documents are refused
  std::atomic<int> outages{0};           // so many of the next looks at a document fail
  std::atomic<Lsn> last_commit{};        // of a commit that went through

 private:
  friend class TestStore;
  struct Waiting {
    Lsn lsn;
    fiber::Completion<void> released;
  };

  void wait(Lsn lsn) {
    const fiber::Completion<void> released;
    {
      const std::scoped_lock lock{mutex_};
      if (!held_) return;
      waiting_.push_back({lsn, released});
    }
    released.wait();
  }
  static bool take(std::atomic<int>& count) {
    int left = count;
    while (left > 0)
      if (count.compare_exchange_weak(left, left - 1)) return true;
    return false;
  }

  mutable std::mutex mutex_;
  bool held_ = false;
  std::vector<Waiting> waiting_;
};

class TestStore final : public DelegatingStore {
 public:
  TestStore(std::unique_ptr<store::Store> inner, Trouble& trouble)
      : DelegatingStore{std::move(inner)}, trouble_{trouble} {}

  bool is_distributed() const noexcept override { return trouble_.distributed; }
  Result<void> wait_durable(Lsn lsn) override {
    trouble_.wait(lsn);
    return DelegatingStore::wait_durable(lsn);
  }
  Result<model::Committed> commit(const model::Commit& commit) override {
    if (!commit.documents.empty() && Trouble::take(trouble_.conflicts))
      return fail(ErrorCode::conflict, "somebody was faster");
    auto committed = DelegatingStore::commit(commit);
    if (committed) trouble_.last_commit = committed->lsn;
    return committed;
  }
  Result<model::Read<std::optional<model::Document>>> find(const model::Partition& partition,
                                                           std::string_view collection, std::string_view id) override {
    if (Trouble::take(trouble_.outages)) return fail(ErrorCode::unavailable, "the store can't be reached");
    return DelegatingStore::find(partition, collection, id);
  }

 private:
  Trouble& trouble_;
};

}  // namespace tidemark::kit
