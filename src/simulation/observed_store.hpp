// ObservedStore: one simulated process's way to the store. Misfortune strikes here: at each call that may change
// something, and where a fiber waits for the disk.
#pragma once
#include <memory>
#include <string>

#include "fiber/sync.hpp"
#include "store/delegating_store.hpp"

namespace tidemark::simulation {

// What the store's calls ask the world for. On the thread of the simulation.
class Witness {
 public:
  virtual ~Witness() = default;
  // On a fiber of the process, before a call: suspends it while the process stands still. Throws fiber::Cancelled once
  // the process has ended; it may end here.
  virtual void before_read(std::size_t process) = 0;
  virtual void before_change(std::size_t process) = 0;
  // When something has changed. Throws fiber::Cancelled when the process ends here.
  virtual void after_change(std::size_t process, std::string what) = 0;
  // The highest LSN that is on disk.
  virtual Lsn durable() const noexcept = 0;
  virtual void note_timer(const model::Partition& partition, const model::TimerChange& timer) = 0;
};

// On one loop. The store within is durable when it says so at once: what is on disk is the witness's to say.
class ObservedStore final : public store::DelegatingStore {
 public:
  ObservedStore(std::shared_ptr<store::Store> inner, Witness& witness, std::size_t process)
      : DelegatingStore{std::move(inner)}, witness_{witness}, process_{process} {}

  // The tidemark has moved, or the process has ended: whoever waits looks again.
  void wake_waiters() { moved_.notify_all(); }

  Result<void> declare_topic(const model::TopicDefinition& topic) override;
  Result<void> declare_group(std::string_view topic, std::string_view group, StreamId start) override;
  Result<void> remove_group(std::string_view topic, std::string_view group) override;
  Result<void> declare_collection(const model::CollectionDefinition& collection) override;

  Result<void> declare_partitions(std::string_view service, std::uint16_t count) override;
  Result<std::vector<std::string>> join(std::string_view service, std::string_view member, Duration time) override;
  Result<void> leave(std::string_view service, std::string_view member) override;
  Result<store::LeaseAnswer> lease(const model::Partition& partition, std::string_view owner, Duration time) override;
  Result<void> release(const model::Lease& lease) override;
  Result<model::Forwarded> forward(const model::Forwarding& forwarding) override;
  Result<void> move_cursor(std::string_view topic, std::string_view group, StreamId to) override;

  Result<model::Committed> commit(const model::Commit& commit) override;
  Result<void> wait_durable(Lsn lsn) override;
  bool is_durable(Lsn lsn) const noexcept override { return lsn <= witness_.durable(); }

  Result<model::Read<std::optional<model::Document>>> find(const model::Partition& partition,
                                                           std::string_view collection, std::string_view id) override;
  Result<model::Read<model::Page>> query(const model::Partition& partition, const model::Query& query) override;
  Result<model::Read<std::optional<std::string>>> find_key(const model::Partition& partition,
                                                           std::string_view key) override;

  Result<model::Batch> fetch(const store::Subscription& by, std::uint32_t count, std::size_t bytes,
                             Instant deadline) override;
  Result<model::Batch> claim(const store::Subscription& by, Duration idle, StreamId after,
                             std::uint32_t count) override;
  Result<Lsn> record_attempt(const store::Subscription& by, StreamId id, std::uint64_t token,
                             std::uint32_t attempt) override;
  Result<std::vector<StreamId>> extend_leases(const store::Subscription& by,
                                              std::span<const std::pair<StreamId, std::uint64_t>> deliveries) override;

  Result<std::vector<model::Entry>> read(std::string_view topic, StreamId after, std::uint32_t count) override;
  Result<std::optional<model::Entry>> read_one(std::string_view topic, StreamId id) override;
  Result<bool> wait_for_entries(std::span<const store::Position> positions, Instant deadline) override;
  Result<std::vector<model::TopicInfo>> topics() override;
  Result<model::TopicInfo> topic(std::string_view name) override;
  Result<std::vector<model::GroupInfo>> groups(std::string_view topic) override;
  Result<std::vector<model::PendingInfo>> pending(std::string_view topic, std::string_view group, StreamId after,
                                                  std::uint32_t count) override;
  Result<std::uint64_t> erase_entries(std::string_view topic, std::span<const StreamId> ids) override;

  Result<TimePoint> maintain() override;
  store::DurabilityReport durability() const override { return {.summary = "simulated", .loses_nothing = true}; }

 private:
  template <class Call>
  auto change(const Call& call, std::string what) -> decltype(call());
  template <class Call>
  auto read_durable(const Call& call) -> decltype(call());

  Witness& witness_;
  const std::size_t process_;
  fiber::Signal moved_;
};

}  // namespace tidemark::simulation
