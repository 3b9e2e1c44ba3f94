// Upkeep: what Store::maintain does at the server: publishes due timers, pours outboxes, applies retention, and forgets
// consumers and sessions that nobody uses. Every process does it for all partitions and topics; who comes first, does
// it, and the others find nothing left.
#pragma once
#include <atomic>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/partition.hpp"
#include "tidemark/time.hpp"

namespace tidemark::store {

struct Local;

class Upkeep {
 public:
  // On a fiber of the thread. A bounded amount of work; returns when to call again, which is now when there is more. Of
  // two calls at once the second leaves it to the first.
  Result<TimePoint> run(Local& at, const Clock& clock);

 private:
  Result<TimePoint> work(Local& at, TimePoint now, Instant instant);
  Result<void> look_around(Local& at);
  // Returns when the partition's next timer is due, at most `soonest`.
  Result<TimePoint> fire_timers(Local& at, const model::Partition& partition, TimePoint now, TimePoint soonest);
  // True: there is more to be dropped.
  Result<bool> trim(Local& at, Instant instant);
  Result<void> prune(Local& at);
  Result<void> prune_topic(Local& at, const std::string& topic);

  std::atomic<bool> running_ = false;  // guards the members below
  std::vector<model::Partition> partitions_;
  std::vector<std::string> topics_;
  Instant look_around_at_{}, pour_at_{}, trim_at_{}, prune_at_{};
};

}  // namespace tidemark::store
