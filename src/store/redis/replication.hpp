// Replication: commits that count as durable only when replicas have them (?wait=N in the store's URL).
//
// A commit is answered at once; behind it, on a connection of its own, a function looks whether the server still has
// the records of all commits that are waiting, and notes that it did. The WAIT that follows there covers that note, and
// so every write before it: one for as many commits as came meanwhile. After a fail-over the records tell those that
// the new master has from those that got lost.
//
// While a partition's last round has failed, what is read there may be what no replica has, or what a former master
// still believes: then a read waits for a round of its own, as a commit does.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/lsn.hpp"
#include "base/result.hpp"
#include "fiber/completion.hpp"
#include "fiber/task_group.hpp"
#include "model/partition.hpp"
#include "redis/client.hpp"

namespace tidemark::store {

class Server;
class Shared;

// Which commits of this process wait for replicas. Any thread.
class ReplicationWaits {
 public:
  // Of a commit that was answered: its LSN, which is not durable from the start.
  Lsn begin(Shared& shared);
  // These need not wait any longer: the replicas have them or, with a failure, that is not known.
  void end(std::span<const Lsn> lsns, const std::optional<Failure>& failure);

  // On a fiber: until nothing up to `lsn` waits. The failure of one that it waited for, or of `lsn` itself.
  Result<void> wait(Lsn lsn);
  bool is_over(Lsn lsn) const;

  // Counts the rounds that failed in a partition.
  void doubt(const model::Partition& partition);
  std::uint64_t doubts(const model::Partition& partition) const;

 private:
  using Outcome = std::optional<Failure>;

  mutable std::mutex mutex_;
  std::map<Lsn, std::vector<fiber::Completion<Outcome>>> waiting_;
  std::map<Lsn, Failure> failed_;  // the last ones
  std::map<model::Partition, std::uint64_t> doubts_;
};

// Asks for the replicas of what one thread has committed. All calls on that thread.
class Replication {
 public:
  explicit Replication(Server& server);
  // On a fiber, unless the thread has ended.
  ~Replication();
  Replication(const Replication&) = delete;
  Replication& operator=(const Replication&) = delete;

  // A commit of the partition, with that number in this session, was answered.
  void confirm(const model::Partition& partition, std::uint64_t number, Lsn lsn);
  // Something else was written there and answered; its LSN. After a fail-over in between it counts as confirmed
  // without being there.
  Lsn write(const model::Partition& partition);
  // The LSN of what was read there at this moment.
  Lsn read(const model::Partition& partition);

 private:
  struct Commit {
    std::uint64_t number = 0;  // 0: a read
    Lsn lsn;
  };
  struct Line {
    model::Partition partition;
    std::unique_ptr<redis::BlockingConnection> connection;
    std::vector<Commit> waiting;
    bool is_running = false;
    std::uint64_t doubts_dispelled = 0;  // by a round that succeeded after them
  };

  Line& line_of(const model::Partition& partition);

  void run(Line& line);
  void end(std::span<const Commit> commits, const std::optional<Failure>& failure);
  Result<void> ask(Line& line, std::span<const Commit> commits);

  Server& server_;
  std::map<model::Partition, std::unique_ptr<Line>> lines_;
  fiber::TaskGroup tasks_;
};

}  // namespace tidemark::store
