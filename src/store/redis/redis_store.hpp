// RedisStore: the store on a Redis or Valkey server, on the master that sentinels name, or on a cluster. What changes
// something is one server-side function; what waits suspends the calling fiber.
//
// A fiber of an IoThread uses the connections of that thread, which are made at its first call. Fibers of other loops
// are served by a thread of the store's own.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "store/redis/locals.hpp"
#include "store/redis/options.hpp"
#include "store/redis/shared.hpp"
#include "store/store.hpp"

namespace tidemark::store {

// IoThreads whose fibers have called must not be destroyed before the store; they may have ended.
class RedisStore final : public Store {
 public:
  // Connects, loads the functions and looks at the server's settings. `unavailable` when it can't be reached;
  // `unauthorized`; `invalid` for a server that is too old, that may evict keys, or that does less than `require` asks.
  static Result<std::unique_ptr<Store>> open(const RedisOptions& options);
  // No fiber may be in a call.
  ~RedisStore() override;

  // The destructor then leaves at the server what a killed process leaves: its sessions have not ended. For tests.
  void abandon() noexcept { abandoned_ = true; }

  Result<void> declare_topic(const model::TopicDefinition& topic) override;
  Result<void> declare_group(std::string_view topic, std::string_view group, StreamId start) override;
  Result<void> remove_group(std::string_view topic, std::string_view group) override;
  Result<void> declare_collection(const model::CollectionDefinition& collection) override;

  bool is_distributed() const noexcept override;
  Result<void> declare_partitions(std::string_view service, std::uint16_t count) override;
  Result<bool> has_lost(std::string_view service) override;
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
  DurabilityReport durability() const override;
  Health health() const override;
  std::vector<Metric> metrics() const override;

 private:
  explicit RedisStore(const RedisOptions& options);

  // What this process still has pending was not running when it ended.
  void end_sessions() noexcept;

  bool abandoned_ = false;
  std::unique_ptr<Shared> shared_;
  Locals locals_;  // every call of the port is locals_.run([&](Local& at) { … })
};

}  // namespace tidemark::store
