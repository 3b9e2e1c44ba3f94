// Engine: the topics, groups, documents, timers and keys of one data directory, and commits over all of them.
//
// A commit is checked, gets its ids and its LSN and is applied under one lock, the sequencing lock, which is held for
// microseconds and never across a wait for the disk. When a call returns, its effect is visible to every reader of
// this process; it is durable once storage().durable() has reached its LSN. So a caller that answers somebody outside
// waits for the LSN that the call returned or, for a call that returns none, for sequenced() asked after it.
//
// Every call may be made from any thread and none of them waits. Names in errors are the caller's.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/lsn.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/spinning_mutex.hpp"
#include "engine/waiters.hpp"
#include "model/commit.hpp"
#include "model/delivery.hpp"
#include "model/document.hpp"
#include "model/partition.hpp"
#include "model/topic.hpp"
#include "storage/storage.hpp"

namespace tidemark::engine {

class Documents;
class Group;
class Keys;
class Timers;
class Topics;
struct Effects;
struct Erasure;
struct Keep;
struct Topic;

struct Limits {
  std::size_t entry_bytes_max = 1ull << 20;   // names and values of one entry
  std::size_t entry_fields_max = 1000;        // pairs of one entry
  std::size_t value_bytes_max = 1ull << 20;   // of one key
  std::size_t name_bytes_max = 200;           // of a topic, a group, a consumer
  std::uint64_t group_pending_max = 100'000;  // a group with so many pending gets nothing new
  std::uint64_t group_lag_max = 1'000'000;    // refusable commits may not publish to a topic with a group so far behind
};

struct EngineOptions {
  storage::Options storage;
  Clock* clock = &Clock::system();
  std::uint64_t disk_reserve_bytes = 256ull << 20;  // refusable commits are refused below so much free disk
  Limits limits;
};

// Who reads a topic, as a member of which group.
struct Subscription {
  std::string_view topic, group, consumer;
};

// How many there were, and the LSN of the commit that changed them.
struct Counted {
  std::uint64_t count = 0;
  Lsn lsn;
};

// What a topic shall keep: so many of the newest entries, or those at or above an id. One of the two.
struct Trim {
  std::optional<std::uint64_t> length;
  std::optional<StreamId> from;
  bool approximate = false;  // may keep some more, where that saves work
};

// An inclusive range of ids, from either end.
struct Range {
  StreamId first = StreamId::min(), last = StreamId::max();
  std::uint32_t count = 100;
  bool reverse = false;
};

// What one step has counted, and behind which entry the next one goes on; none at the end.
struct CountStep {
  std::uint64_t count = 0;
  std::optional<StreamId> next;
};

// Since the start.
struct Counters {
  std::uint64_t commits = 0, fenced = 0, conflicts = 0, refused = 0;
  std::uint64_t appended = 0, delivered = 0, acknowledged = 0, retried = 0, claimed = 0, trimmed = 0, timers_fired = 0;
  std::uint64_t topics = 0, groups = 0, pending = 0;  // at the moment
};

class Engine {
 public:
  // Opens or makes the data directory and reads the catalogs, the groups and what is pending: the time for it does not
  // grow with the topics' lengths. Errors as storage::Storage::open; `corrupt` names the record.
  static Result<std::unique_ptr<Engine>> open(const EngineOptions& options);
  // All watches must be gone; everything sequenced is synced.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // --- Declarations: repeatable; the same name with other options changes them. ---

  Result<Lsn> declare_topic(const model::TopicDefinition& topic);
  // `not_found` when there is none. Its groups and what they hold pending go with it.
  Result<Lsn> remove_topic(std::string_view topic);
  // Makes the topic too if need be. A new group starts after `start`; an existing one stays as it is.
  Result<Lsn> declare_group(std::string_view topic, std::string_view group, StreamId start);
  Result<Lsn> remove_group(std::string_view topic, std::string_view group);
  // The next entry handed over is the first one above `cursor`. What is pending stays pending.
  Result<Lsn> set_group_cursor(std::string_view topic, std::string_view group, StreamId cursor);
  // `conflict` while something is pending for it; `not_found` when the group has no such consumer.
  Result<Lsn> remove_consumer(const Subscription& by);
  // A changed set of indexes is rebuilt before it returns; a unique one that clashes is `already_exists`.
  Result<Lsn> declare_collection(const model::CollectionDefinition& collection);
  // Says how many partitions a service has. `invalid` when it was declared with another number before.
  Result<Lsn> declare_partitions(std::string_view service, std::uint16_t count);

  // --- Commits ---

  // Checks and applies, as model::Commit says; a topic that is published to and missing is made. Errors: `fenced`,
  // `conflict`, `already_exists`, `not_found` (an undeclared collection), `too_large`, `invalid`; for refusable ones
  // `disk_full`, `overloaded`. A failed commit has changed nothing.
  Result<model::Committed> commit(const model::Commit& commit);

  // Appends to a topic what is to be passed on to it from another one, once, whoever asks how often (store::Store says
  // how). `invalid` for entries that are not in order or not in the range.
  Result<model::Forwarded> forward(const model::Forwarding& forwarding);

  // At least the LSN of everything that a read which has returned may have seen.
  Lsn sequenced() const;
  Lsn durable() const noexcept;
  // For on_durable, wait_durable, flush_to_os and statistics.
  storage::Storage& storage() noexcept { return *storage_; }

  // --- Documents and keys ---

  Result<model::Read<std::optional<model::Document>>> find(const model::Partition& partition,
                                                           std::string_view collection, std::string_view id) const;
  Result<model::Read<model::Page>> query(const model::Partition& partition, const model::Query& query) const;
  // Absent when it has expired.
  Result<model::Read<std::optional<std::string>>> find_key(const model::Partition& partition,
                                                           std::string_view key) const;

  // All that were declared, by name.
  Result<std::vector<model::CollectionInfo>> collections() const;
  // Looks at each document, to `at_most` of them.
  Result<model::DocumentCount> count_documents(const model::Partition& partition, std::string_view collection,
                                               std::uint64_t at_most) const;
  // What is to be published later, soonest first, behind `after`.
  Result<std::vector<model::Timer>> timers(const std::optional<model::TimerPlace>& after, std::uint32_t count) const;

  // --- Deliveries. `not_found` for a topic or a group that was not declared; a new consumer is noted. ---

  // Hands over entries that the group has not seen, oldest first: at most `count` of them, and no further one once
  // `bytes` of fields are reached. Empty when there is none, or when the group has too many pending.
  Result<model::Batch> deliver(const Subscription& by, std::uint32_t count, std::size_t bytes);
  // Hands over what is pending with any consumer and idle for at least `idle`, oldest first, above `after`: at most
  // `count`, each with a new token. Entries that were deleted meanwhile are dropped from the pending.
  Result<model::Batch> claim(const Subscription& by, Duration idle, StreamId after, std::uint32_t count);
  // Notes that run number `attempt` is about to begin. `fenced` unless it is pending with this consumer and token.
  Result<Lsn> record_attempt(const Subscription& by, StreamId id, std::uint64_t token, std::uint32_t attempt);
  // Restarts the idle time of deliveries that are still this consumer's; returns the ids that are not.
  Result<std::vector<StreamId>> extend_leases(const Subscription& by,
                                              std::span<const std::pair<StreamId, std::uint64_t>> deliveries);
  // Removes entries from the pending whoever has them; returns how many there were.
  Result<Counted> acknowledge(std::string_view topic, std::string_view group, std::span<const StreamId> ids);

  // --- Reading without a group. `not_found` for a topic that there is not. ---

  Result<std::vector<model::Entry>> read(std::string_view topic, const Range& range) const;
  Result<std::optional<model::Entry>> read_one(std::string_view topic, StreamId id) const;
  // Entries above `after`, up to `up_to`: at once where the topic has no holes. Else they are looked at one by one, up
  // to `at_most`, and in each call no more than takes a few milliseconds.
  Result<CountStep> count(std::string_view topic, StreamId after, StreamId up_to, std::uint64_t at_most) const;
  std::vector<model::TopicInfo> topics() const;
  Result<model::TopicInfo> topic(std::string_view name) const;
  Result<std::vector<model::GroupInfo>> groups(std::string_view topic) const;
  // What is pending above `after`, oldest first.
  Result<std::vector<model::PendingInfo>> pending(std::string_view topic, std::string_view group, StreamId after,
                                                  std::uint32_t count) const;

  // Deletes entries; returns how many there were. What a group still has pending of them is dropped at its next claim.
  Result<Counted> erase_entries(std::string_view topic, std::span<const StreamId> ids);
  // Drops the oldest entries; returns how many. Without `force` those that a group has not acknowledged stay.
  Result<Counted> trim(std::string_view topic, const Trim& trim, bool force);

  // --- Waiting. `wake` is called once, on the thread of the commit that brought it about, after that was sequenced and
  // outside of the engine's locks; it must not block. Registering and checking are one step, so no wake-up is lost. ---

  // For an entry above `after`. A watch that is not armed() says that there is one already: `wake` will not be called.
  Result<Watch> watch_topic(std::string_view topic, StreamId after, std::function<void()> wake);
  // For something that deliver() may hand over to the group, or for its end (deliver() says `not_found` then).
  Result<Watch> watch_group(std::string_view topic, std::string_view group, std::function<void()> wake);

  // --- Time ---

  // Publishes timers that are due, drops expired keys, applies retention: a bounded amount of each. Returns when it
  // wants to be called again (now, when there is more to do). One thread at a time gets work, others return at once.
  Result<TimePoint> maintain();

  Counters counters() const;
  bool disk_is_low() const noexcept { return disk_low_.load(std::memory_order_relaxed); }

 private:
  // A group and its topic, which outlive their removal while they are held.
  struct Membership {
    std::shared_ptr<Topic> topic;
    std::shared_ptr<Group> group;
  };
  // What check() has found out for apply(): the k-th settlement's group, the k-th publication's topic and id.
  struct Plan;

  explicit Engine(const EngineOptions& options);
  Result<void> load();
  Result<void> check_format();

  // The parts of a commit. The first two need no lock.
  Result<void> check_sizes(const model::Commit& commit) const;
  Result<void> check_disk();
  Result<void> check(const model::Commit& commit, TimePoint now);
  Result<void> check_settlements(const model::Commit& commit);
  Result<void> check_erasures(const model::Commit& commit);
  Result<void> check_publications(const model::Commit& commit, TimePoint now);
  Result<void> check_backlog(const Topic& topic) const;
  model::Committed apply(const model::Commit& commit, std::vector<Wake>& wakes);
  void settle(const model::Settlement& settlement, Group& group, Instant instant);
  void erase(Topic& topic, const Erasure& erasure);
  void append(Topic& topic, StreamId id, const model::Fields& fields, std::vector<Wake>& wakes);

  // Under the lock. Effects start empty, and end on disk.
  Effects& begin();
  Lsn sequence();
  Topic& topic_for_publishing(std::string_view name);
  void wake_if_relieved(const Topic& topic, Group& group, std::uint64_t pending_before, std::vector<Wake>& wakes) const;

  // Under the lock.
  Result<std::shared_ptr<Topic>> find_topic(std::string_view name) const;
  Result<Membership> find_group(std::string_view topic, std::string_view group) const;
  Result<void> check_name(std::string_view kind, std::string_view name) const;
  bool may_hand_over(const Topic& topic, const Group& group) const;

  Result<model::Batch> claim_some(const Subscription& by, Instant idle_by, StreamId& after, std::uint32_t count);
  // Drops what `keep` lets go; with `force` whether or not a group needs it.
  Result<Counted> drop_prefix(const std::shared_ptr<Topic>& topic, Keep keep, bool force, std::uint64_t limit,
                              std::uint64_t at_least);

  // Parts of maintain(); true when there is more to do.
  Result<bool> fire_timers(TimePoint now);
  Result<bool> expire_keys(TimePoint now);
  Result<bool> apply_retention(TimePoint now);
  void refresh_disk();

  const Limits limits_;
  const std::uint64_t disk_reserve_bytes_;
  const storage::Options storage_options_;
  Clock& clock_;
  std::unique_ptr<storage::Storage> storage_;

  mutable SpinningMutex mutex_;  // the sequencing lock: guards all below, but for what may be read without it
  std::unique_ptr<Topics> topics_;
  std::unique_ptr<Documents> documents_;
  std::unique_ptr<Timers> timers_;
  std::unique_ptr<Keys> keys_;
  std::unique_ptr<Effects> effects_;
  std::unique_ptr<Plan> plan_;
  Random random_;
  Counters counters_;

  std::mutex maintain_mutex_;
  std::string retention_next_;  // the topic that retention looks at next
  std::atomic<bool> disk_low_{false};
  std::atomic<Instant> disk_next_{Instant::min()};  // when to look at the disk again
};

}  // namespace tidemark::engine
