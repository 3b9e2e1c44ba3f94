// EmbeddedStore: the store inside this process, over engine::Engine. Reads are direct calls; only waits for the
// tidemark, and for entries to come, suspend a fiber.
#pragma once
#include <atomic>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "storage/storage.hpp"
#include "store/store.hpp"

namespace tidemark::engine {
class Engine;
}

namespace tidemark::fiber {
class BlockingPool;
}

namespace tidemark::store {

struct EmbeddedOptions {
  std::string path;
  storage::Durability durability;
  std::size_t cache_bytes = 64ull << 20;            // 64 MiB
  std::uint64_t disk_reserve_bytes = 256ull << 20;  // 256 MiB
  std::uint64_t backlog_max = 1'000'000;            // events that a group may be behind
  Clock* clock = &Clock::system();
};

class DurableWaiters;
class Leases;

class EmbeddedStore final : public Store {
 public:
  // Opens or makes the data directory. Errors as engine::Engine::open: `in_use` names the process that has it.
  static Result<std::unique_ptr<Store>> open(const EmbeddedOptions& options);
  // No fiber may be in a call. Everything sequenced is durable when it returns.
  ~EmbeddedStore() override;

  Result<void> declare_topic(const model::TopicDefinition& topic) override;
  Result<void> declare_group(std::string_view topic, std::string_view group, StreamId start) override;
  Result<void> remove_group(std::string_view topic, std::string_view group) override;
  Result<void> declare_collection(const model::CollectionDefinition& collection) override;

  bool is_distributed() const noexcept override { return false; }
  Result<void> declare_partitions(std::string_view service, std::uint16_t count) override;
  Result<std::vector<std::string>> join(std::string_view service, std::string_view member, Duration time) override;
  Result<void> leave(std::string_view service, std::string_view member) override;
  Result<LeaseAnswer> lease(const model::Partition& partition, std::string_view owner, Duration time) override;
  Result<void> release(const model::Lease& lease) override;
  Result<model::Forwarded> forward(const model::Forwarding& forwarding) override;
  Result<void> move_cursor(std::string_view topic, std::string_view group, StreamId to) override;

  Result<model::Committed> commit(const model::Commit& commit) override;
  Result<void> wait_durable(Lsn lsn) override;
  bool is_durable(Lsn lsn) const noexcept override;
  Lsn seen() const noexcept override;

  Result<model::Read<std::optional<model::Document>>> find(const model::Partition& partition,
                                                           std::string_view collection, std::string_view id) override;
  Result<model::Read<model::Page>> query(const model::Partition& partition, const model::Query& query) override;
  Result<model::Read<std::optional<std::string>>> find_key(const model::Partition& partition,
                                                           std::string_view key) override;

  Result<model::Batch> fetch(const Subscription& by, std::uint32_t count, std::size_t bytes, Instant deadline) override;
  Result<model::Batch> claim(const Subscription& by, Duration idle, StreamId after, std::uint32_t count) override;
  Result<Lsn> record_attempt(const Subscription& by, StreamId id, std::uint64_t token, std::uint32_t attempt) override;
  Result<std::vector<StreamId>> extend_leases(const Subscription& by,
                                              std::span<const std::pair<StreamId, std::uint64_t>> deliveries) override;

  Result<std::vector<model::Entry>> read(std::string_view topic, StreamId after, std::uint32_t count) override;
  Result<std::vector<model::Entry>> read_back(std::string_view topic, StreamId before, std::uint32_t count) override;
  Result<std::optional<model::Entry>> read_one(std::string_view topic, StreamId id) override;
  Result<bool> wait_for_entries(std::span<const Position> positions, Instant deadline) override;
  Result<model::EntryCount> count_entries(std::string_view topic, StreamId after, StreamId up_to,
                                          std::uint64_t at_most) override;
  Result<std::vector<model::TopicInfo>> topics() override;
  Result<model::TopicInfo> topic(std::string_view name) override;
  Result<std::vector<model::GroupInfo>> groups(std::string_view topic) override;
  Result<std::vector<model::PendingInfo>> pending(std::string_view topic, std::string_view group, StreamId after,
                                                  std::uint32_t count) override;
  Result<std::uint64_t> erase_entries(std::string_view topic, std::span<const StreamId> ids) override;

  Result<std::vector<model::CollectionInfo>> collections() override;
  Result<model::DocumentCount> count_documents(const model::Partition& partition, std::string_view collection,
                                               std::uint64_t at_most) override;
  Result<std::vector<model::Timer>> timers(const std::optional<model::TimerPlace>& after, std::uint32_t count) override;

  Result<TimePoint> maintain() override;
  // To <data directory>.backups unless told otherwise.
  Result<BackupMade> backup(const BackupWish& wish) override;
  std::optional<BackupProgress> backup_underway() const override;
  DurabilityReport durability() const override;
  Health health() const override;
  std::vector<Metric> metrics() const override;

 private:
  EmbeddedStore(std::unique_ptr<engine::Engine> engine, const EmbeddedOptions& options);

  Result<model::Batch> deliver(const Subscription& by, std::uint32_t count, std::size_t bytes);
  Result<void> durable(const Result<Lsn>& changed);
  template <class T>
  Result<T> seen_durable(Result<T> answer);

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<DurableWaiters> waiters_;
  std::unique_ptr<Leases> leases_;
  storage::Durability durability_;
  const std::string path_;
  Clock& clock_;
  std::atomic<bool> backs_up_{false};
  std::atomic<std::uint64_t> backup_bytes_done_{0}, backup_bytes_{0};  // of the backup that is being made
  std::unique_ptr<fiber::BlockingPool> backups_;                       // a thread that copies, from the first backup on
};

}  // namespace tidemark::store
