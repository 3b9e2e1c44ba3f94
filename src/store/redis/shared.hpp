// Shared: what all threads of a RedisStore have in common: options, names, counters, and what is known of the server.
#pragma once
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/lsn.hpp"
#include "store/redis/entry_waiters.hpp"
#include "store/redis/function_call.hpp"
#include "store/redis/hand_overs.hpp"
#include "store/redis/options.hpp"
#include "store/redis/outbox_backlogs.hpp"
#include "store/redis/replication.hpp"
#include "store/redis/topic_names.hpp"
#include "store/redis/upkeep.hpp"
#include "store/store.hpp"

namespace tidemark::store {

class Catalog;
class CommitNumbers;

// Since the store was opened.
struct Counters {
  std::atomic<std::uint64_t> commits = 0, conflicts = 0, fenced = 0, repeats = 0, reloads = 0;
};

// All members may be used by any thread.
class Shared {
 public:
  explicit Shared(RedisOptions options);
  ~Shared();
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  const RedisOptions options;
  // Random, new for each store that is opened: names this process among those that hold deliveries, and its commits.
  const std::string session;
  Counters counters;
  const std::unique_ptr<Catalog> catalog;        // the declared collections
  const std::unique_ptr<CommitNumbers> numbers;  // of this session's commits
  ReplicationWaits replication;                  // commits that no replica is known to have
  EntryWaiters waiters;                          // for entries, whoever adds them
  OutboxBacklogs backlogs;                       // on a cluster: topics that take nothing
  HandOvers hand_overs;                          // what must be remembered of them
  TopicNames topics;                             // which there are
  Upkeep upkeep;                                 // of all that changes with time

  // A call of lua/'s function `name`, such as "fetch".
  FunctionCall function(std::string_view name, std::span<const std::string> keys,
                        FunctionCall::Effect effect = FunctionCall::Effect::once) const;
  FunctionCall function(std::string_view name, std::initializer_list<std::string> keys,
                        FunctionCall::Effect effect = FunctionCall::Effect::once) const {
    return function(name, std::span{keys.begin(), keys.size()}, effect);
  }

  // The time as functions take it.
  std::string now() const;

  // The LSN of an answer that has just come.
  Lsn next_lsn() noexcept { return {lsn_.fetch_add(1, std::memory_order_acq_rel) + 1}; }
  Lsn lsn() const noexcept { return {lsn_.load(std::memory_order_acquire)}; }

  // What the last calls came to, for Store::health().
  void note_answer() noexcept;
  void note_failure(const std::string& reason);
  void note_out_of_memory() noexcept;
  void note_memory_again() noexcept;
  bool is_out_of_memory() const noexcept { return out_of_memory_.load(std::memory_order_relaxed); }
  Health health() const;

  // What was last seen of the server's settings. True when it is another than before.
  bool set_durability(DurabilityReport report);
  DurabilityReport durability() const;

  const bool is_cluster;
  // Set when the store opens.
  bool has_json = false;  // documents are values of the server's JSON module

  // Services that this process has declared, with what the server then had of them.
  void note_service(std::string_view service, std::string_view stored);
  std::optional<std::string> noted_service(std::string_view service) const;
  // The server has lost its data: what is known of services, collections, topics and partitions is asked, or told,
  // anew.
  void forget_declared();
  std::uint64_t losses() const noexcept { return losses_.load(std::memory_order_relaxed); }

  // Partitions that this process has used, for maintain(). note_partition() is true the first time.
  bool note_partition(const model::Partition& partition);
  void forget_partition(const model::Partition& partition);
  bool knows_partition(const model::Partition& partition) const;
  std::vector<model::Partition> partitions() const;

 private:
  std::atomic<std::uint64_t> lsn_ = 0, losses_ = 0;
  std::atomic<bool> reachable_ = true, out_of_memory_ = false;
  mutable std::mutex mutex_;  // of the members below
  std::string reason_;
  DurabilityReport durability_;
  std::set<model::Partition> partitions_;
  std::map<std::string, std::string, std::less<>> services_;
};

}  // namespace tidemark::store
