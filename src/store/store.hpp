// Store: the port behind which topics, documents, timers and keys live. Everything above it (kit, services) runs
// unchanged on each of its adapters; tests/conformance says what an adapter must do.
//
// Every call that changes something is one step at the store: one engine commit, or one server-side function on Redis
// (docs/adr/ says how each maps). Calls are made on fibers of a fiber::Loop and may suspend the calling fiber, never
// its thread; its deadline and its cancellation end them by what fiber/errors.hpp throws. A store may be used from
// several loops at once.
//
// Names in errors are the caller's; messages say what to do.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/distribution.hpp"
#include "base/lsn.hpp"
#include "base/result.hpp"
#include "model/commit.hpp"
#include "model/delivery.hpp"
#include "model/document.hpp"
#include "model/partition.hpp"
#include "model/topic.hpp"

namespace tidemark::store {

// A handler's place at a topic: which group it reads as, and as whom. With a lease, nothing is handed over once that
// has passed to another owner (`fenced`).
struct Subscription {
  std::string topic, group, consumer;
  std::optional<model::Lease> lease = std::nullopt;
};

// How far a reader outside of groups has read a topic.
struct Position {
  std::string topic;
  StreamId after;
};

// What became of a wish for a lease.
struct LeaseAnswer {
  std::optional<model::Lease> lease;  // none: another owner has it
  Duration left{};                    // how long whoever has it keeps it without renewing
};

// What a crash of the store can lose, for logs and /health/ready.
struct DurabilityReport {
  std::string summary;  // "every commit is on disk (fsync) before it is acknowledged"
  bool loses_nothing = false;
};

struct Health {
  bool ready = false;
  std::string reason;  // why not, or empty
};

// Where backups go, and how many stay.
struct BackupWish {
  std::string folder;      // empty: the store's own choice
  std::uint32_t keep = 0;  // so many of the newest ones; 0: all
};

struct BackupMade {
  std::string path;                           // of the backup
  Lsn lsn;                                    // all commits up to here are in it
  std::string made;                           // "2026-11-22T10:15:30.250Z"
  std::uint64_t bytes = 0, copied_bytes = 0;  // of all its files; of those not shared with the backup before
  std::vector<std::string> removed;           // names of backups that had to go
};

// How far a backup is.
struct BackupProgress {
  std::uint64_t done_bytes = 0, bytes = 0;  // of all its files, those shared with the backup before included
};

struct Metric {
  std::string name;  // Prometheus's conventions: "tidemark_store_commits_total"
  std::string help;
  bool counter = false;  // else a gauge
  double value = 0;
  std::optional<Distribution> distribution = std::nullopt;  // then it is a histogram, and has no value
};

class Store {
 public:
  virtual ~Store() = default;

  // --- Declarations: repeatable; the same name with other options changes them. Durable when they return. ---

  virtual Result<void> declare_topic(const model::TopicDefinition& topic) = 0;
  // Makes the topic too if need be. The group starts after `start`, which matters only when it is new; registered
  // before retention runs, so that it misses nothing from then on.
  virtual Result<void> declare_group(std::string_view topic, std::string_view group, StreamId start) = 0;
  // Removes the group and whatever it holds back. `not_found` when there is none.
  virtual Result<void> remove_group(std::string_view topic, std::string_view group) = 0;
  // A changed set of indexes is rebuilt here, before it returns; a unique one that clashes is `already_exists`. On the
  // embedded store all commits of the process wait meanwhile, on Redis they go on.
  virtual Result<void> declare_collection(const model::CollectionDefinition& collection) = 0;

  // --- Partitions and the processes that share them ---

  // Whether partitions may stand on different machines (a cluster). Then all that one commit reads, changes and settles
  // must stand where its partition stands: own_topic()s and documents. A publication to any other topic is part of the
  // commit all the same, and reaches its topic a moment later, once and in order.
  virtual bool is_distributed() const noexcept = 0;
  // Says how many partitions a service has, 1 to 1024, once for all: keys belong to partitions by this number.
  // `invalid` when it was declared with another one before. Comes before the service's other declarations.
  virtual Result<void> declare_partitions(std::string_view service, std::uint16_t count) = 0;
  // Whether the store has lost what was declared for the service (a server that was emptied, or that came back without
  // its data), so that all of it must be declared again.
  virtual Result<bool> has_lost(std::string_view /*service*/) { return false; }
  // The heart-beat of a process that runs the service: it is there for `time`. Returns all that are there now, sorted.
  virtual Result<std::vector<std::string>> join(std::string_view service, std::string_view member, Duration time) = 0;
  virtual Result<void> leave(std::string_view service, std::string_view member) = 0;
  // Takes the partition's lease if it is free or its time is over, and renews it if `owner` has it: for `time` from
  // now.
  virtual Result<LeaseAnswer> lease(const model::Partition& partition, std::string_view owner, Duration time) = 0;
  // Gives it back, so that another process can have it at once. Nothing happens when it is no longer this one.
  virtual Result<void> release(const model::Lease& lease) = 0;

  // Appends to a topic that only this call writes to. Applies what lies above the target's last id, and moves that to
  // `to`: repeating a call, or making it in two processes at once, changes nothing. Where `from` is above the target's
  // last id, something is missing in between: nothing is applied. Either way the answer says where the target stands.
  // With from = to = 0-0 it is a question. Makes the target if need be.
  virtual Result<model::Forwarded> forward(const model::Forwarding& forwarding) = 0;
  // Sets the last id that a group was handed, which holds back what retention may drop. `not_found` without the group.
  virtual Result<void> move_cursor(std::string_view topic, std::string_view group, StreamId to) = 0;

  // --- Commits ---

  // Checks and applies, as model::Commit says. When it returns the commit is visible inside this process; it is
  // durable when its LSN is. Errors: `fenced`, `conflict`, `already_exists`, `not_found` (an undeclared collection),
  // `too_large`, `invalid`; for refusable ones `disk_full`, `overloaded`; `unavailable` when the store can't be
  // reached.
  virtual Result<model::Committed> commit(const model::Commit& commit) = 0;
  // Suspends the fiber until everything up to `lsn` is durable.
  virtual Result<void> wait_durable(Lsn lsn) = 0;
  virtual bool is_durable(Lsn lsn) const noexcept = 0;
  // The newest LSN that a reader of this process may have seen.
  virtual Lsn seen() const noexcept = 0;

  // --- Documents and keys ---

  virtual Result<model::Read<std::optional<model::Document>>> find(const model::Partition& partition,
                                                                   std::string_view collection,
                                                                   std::string_view id) = 0;
  // `invalid` for an index, limit or cursor that is not of this collection.
  virtual Result<model::Read<model::Page>> query(const model::Partition& partition, const model::Query& query) = 0;
  // Absent when it has expired.
  virtual Result<model::Read<std::optional<std::string>>> find_key(const model::Partition& partition,
                                                                   std::string_view key) = 0;

  // --- Deliveries ---

  // Hands over entries that the group has not seen, oldest first: at most `count`, and at most about `bytes` of fields.
  // Suspends until there is one, or until `deadline`, and is then empty. `not_found` without the group, and when it is
  // removed meanwhile; `invalid` for a `count` of 0; `fenced` when the subscription's lease has another owner.
  virtual Result<model::Batch> fetch(const Subscription& by, std::uint32_t count, std::size_t bytes,
                                     Instant deadline) = 0;
  // Hands over what is pending with any consumer and idle for at least `idle`, oldest first, above `after`: at most
  // `count`. With `idle` 0 this is the take-over at a start. Entries deleted meanwhile are dropped from the pending.
  // `fenced` when the subscription's lease has another owner.
  virtual Result<model::Batch> claim(const Subscription& by, Duration idle, StreamId after, std::uint32_t count) = 0;
  // Notes that run number `attempt` of a delivery is about to begin; the number before takes that back, for a run that
  // was stopped from outside. `fenced` when it is no longer ours.
  virtual Result<Lsn> record_attempt(const Subscription& by, StreamId id, std::uint64_t token,
                                     std::uint32_t attempt) = 0;
  // The heart-beat: these deliveries are in good hands; their idle time starts anew. Returns the ids no longer ours.
  virtual Result<std::vector<StreamId>> extend_leases(
      const Subscription& by, std::span<const std::pair<StreamId, std::uint64_t>> deliveries) = 0;

  // --- Reading without a group (SSE, tools) ---

  // Pages of either may end earlier than at `count`, at 16 MiB; only an empty one says that there are no more.

  // Entries above `after`, oldest first; only durable ones.
  virtual Result<std::vector<model::Entry>> read(std::string_view topic, StreamId after, std::uint32_t count) = 0;
  // Entries below `before`, newest first; only durable ones.
  virtual Result<std::vector<model::Entry>> read_back(std::string_view topic, StreamId before, std::uint32_t count) = 0;
  // One entry, or none when it was dropped.
  virtual Result<std::optional<model::Entry>> read_one(std::string_view topic, StreamId id) = 0;
  // Suspends until one of the topics has a durable entry above its position, or until `deadline`; false then. It may
  // return early, after an entry that is not above its position: reading tells. Topics that are missing are made.
  virtual Result<bool> wait_for_entries(std::span<const Position> positions, Instant deadline) = 0;

  // How many entries lie above `after`, up to `up_to`. Counts to `at_most` where they have to be looked at one by one.
  virtual Result<model::EntryCount> count_entries(std::string_view topic, StreamId after, StreamId up_to,
                                                  std::uint64_t at_most) = 0;

  virtual Result<std::vector<model::TopicInfo>> topics() = 0;
  virtual Result<model::TopicInfo> topic(std::string_view name) = 0;
  // Their consumers with them, also those that were handed nothing yet.
  virtual Result<std::vector<model::GroupInfo>> groups(std::string_view topic) = 0;
  virtual Result<std::vector<model::PendingInfo>> pending(std::string_view topic, std::string_view group,
                                                          StreamId after, std::uint32_t count) = 0;
  // Deletes entries; returns how many there were. What a group still has pending of them is dropped at its next claim.
  virtual Result<std::uint64_t> erase_entries(std::string_view topic, std::span<const StreamId> ids) = 0;

  // --- Looking around (tools) ---

  // All that were declared, by whatever service, by name.
  virtual Result<std::vector<model::CollectionInfo>> collections() = 0;
  // How many documents a partition has of a collection. Counts to `at_most` where they have to be looked at one by one.
  virtual Result<model::DocumentCount> count_documents(const model::Partition& partition, std::string_view collection,
                                                       std::uint64_t at_most) = 0;
  // What is to be published later, by whatever service, soonest first: at most `count`, behind `after`. Pages may end
  // earlier, as those of read().
  virtual Result<std::vector<model::Timer>> timers(const std::optional<model::TimerPlace>& after,
                                                   std::uint32_t count) = 0;

  // --- Time ---

  // Publishes timers that are due, drops expired keys, applies retention: a bounded amount of each. Returns when it
  // wants to be called again (now, when there is more to do).
  virtual Result<TimePoint> maintain() = 0;

  // Copies everything that is sequenced, consistently, while commits go on; suspends the fiber meanwhile. `invalid` for
  // a store that has backups of its own; `disk_full`, `corrupt`, `in_use`.
  virtual Result<BackupMade> backup(const BackupWish&) {
    return fail(
        ErrorCode::invalid,
        "this store is backed up by its own means: on Redis and Valkey, copies of the snapshot (BGSAVE) or of the "
        "append-only files");
  }
  // Of the backup that is being made now, if any. Any thread.
  virtual std::optional<BackupProgress> backup_underway() const { return std::nullopt; }

  virtual DurabilityReport durability() const = 0;
  virtual Health health() const = 0;
  virtual std::vector<Metric> metrics() const = 0;
};

}  // namespace tidemark::store
