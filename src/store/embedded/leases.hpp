// Leases: which processes run which services, and who has which partition, for a store of one process.
//
// They live in memory: a start finds neither members nor leases, and whatever was proved by an old one is fenced.
#pragma once
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "engine/waiters.hpp"
#include "model/partition.hpp"
#include "store/store.hpp"

namespace tidemark::store {

// Any thread.
class Leases {
 public:
  explicit Leases(const Clock& clock);

  // As the calls of Store.
  Result<std::vector<std::string>> join(std::string_view service, std::string_view member, Duration time);
  void leave(std::string_view service, std::string_view member);
  Result<LeaseAnswer> lease(const model::Partition& partition, std::string_view owner, Duration time);
  void release(const model::Lease& lease);

  // While it is held, the lease does not pass to anybody else: what is handed over under it is seen by the next owner's
  // take-over. Never held over a wait. `fenced` when the lease has passed already.
  using Hold = std::shared_lock<std::shared_mutex>;
  Result<Hold> hold(const model::Lease& lease);
  // `wake` is called once when the lease passes: see engine::Watch. `fenced` when it has already.
  Result<engine::Watch> watch(const model::Lease& lease, std::function<void()> wake);

 private:
  struct Held {
    std::shared_mutex mutex;
    std::string owner;  // empty: nobody
    std::uint64_t epoch = 0;
    Instant until{};
    engine::Waiters waiters;  // for the end of this ownership
  };

  Held& held(const model::Partition& partition);
  static bool has(const Held& held, const model::Lease& lease);

  const Clock& clock_;
  const std::uint64_t first_epoch_;  // random, so that no epoch is met again after a restart
  std::mutex mutex_;                 // guards the maps; what is in `held_` stays where it is
  std::map<model::Partition, Held> held_;
  std::map<std::string, std::map<std::string, Instant, std::less<>>, std::less<>>
      members_;  // until when they are there
};

}  // namespace tidemark::store
