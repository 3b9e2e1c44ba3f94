// PartitionKeeper: takes a process's share of a service's partitions, keeps their leases alive, and gives back what is
// the share of others.
//
// Every second each process says that it is there, and learns who else is. The share of each follows from its place
// among them. A process that hangs or dies is gone after five seconds, and so are its leases; what it still has in hand
// can't be committed once its successor has claimed it. An outage of the store changes nothing here: leases are renewed
// when it is over, or are another's by then.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "fiber/fiber.hpp"
#include "fiber/loop.hpp"
#include "fiber/sync.hpp"
#include "fiber/task_group.hpp"
#include "kit/dispatch/partition_run.hpp"
#include "kit/run/runtime.hpp"
#include "kit/service/spec.hpp"
#include "telemetry/metrics.hpp"

namespace tidemark::kit {

// How many of `partitions` are `me`'s: the same for everybody, or one more for the first of the sorted members. 0 for
// one that is not among them.
std::uint16_t share_of(std::uint16_t partitions, std::span<const std::string> members, const std::string& me);

// On the first of its loops, but for held(). A service without handlers needs no leases: then it does nothing.
class PartitionKeeper {
 public:
  // The dispatchers are spread over the loops.
  PartitionKeeper(std::vector<fiber::Loop*> loops, Runtime& runtime, const detail::ServiceSpec& spec);
  // After finish_drain(), if it was started.
  ~PartitionKeeper();
  PartitionKeeper(const PartitionKeeper&) = delete;
  PartitionKeeper& operator=(const PartitionKeeper&) = delete;

  // Takes what is free of its share, starts the handlers there, and keeps at it. Fails with what the store refuses. On
  // a fiber.
  Result<void> start();
  // Takes no more partitions, and no more events; what runs goes on, and leases are renewed. On a fiber.
  void begin_drain();
  // Suspends until nothing runs any more, or until `deadline`, and then cancels what still does; gives everything back,
  // and leaves. False when there was something to cancel. On a fiber.
  bool finish_drain(Instant deadline);

  // Looks at what is paused now, rather than with the next beat. When it returns, what was paused before begins nothing
  // more here. On a fiber of any loop, between start() and finish_drain().
  Result<void> look_at_pauses();
  // What a handler has in hand in all partitions that are held here. On a fiber of any loop, as above.
  Dispatcher::Stats stats(std::size_t handler);

  // Any thread: the partitions whose handlers run here, sorted.
  std::vector<std::uint16_t> held() const;

  // How long a process, and a lease, live without being renewed, and how often they are.
  static constexpr Duration LEASE = std::chrono::seconds{5}, BEAT = std::chrono::seconds{1};
  // How long what runs may take to end when its partition moves to another process.
  static constexpr Duration GIVE_BACK = std::chrono::seconds{5};

 private:
  // What dispatchers on other loops report; it may come when the keeper has gone.
  struct Reports {
    fiber::Signal rung;
    std::set<std::uint64_t> lost;  // by serial
  };
  struct Held {
    std::uint64_t serial;
    std::shared_ptr<PartitionRun> run;
    bool ending = false;
  };

  fiber::Loop& own() { return *loops_.front(); }
  void run();
  Result<void> beat();
  Result<void> renew();
  Result<void> read_pauses();
  void end_lost();
  void give_back_surplus(std::size_t share);
  Result<void> take_free(std::size_t share, std::size_t place, std::size_t members);
  Result<bool> take(std::uint16_t number);
  void end(std::uint16_t number, Instant deadline);
  void end_all(Instant deadline);
  std::size_t lasting() const;
  void publish();

  std::vector<fiber::Loop*> loops_;
  Runtime& runtime_;
  const detail::ServiceSpec& spec_;
  std::map<std::uint16_t, Held> held_;
  std::map<std::uint16_t, Instant> taken_until_;  // by others, as far as is known
  std::shared_ptr<Reports> reports_ = std::make_shared<Reports>();
  PausesByHandler pauses_;
  std::uint64_t looks_ = 0, looked_ = 0;  // at the pauses: begun, and the newest that has ended
  std::uint64_t serial_ = 0;
  bool joined_ = false, stopping_ = false, in_time_ = true;
  bool store_answers_ = true;
  fiber::FiberHandle fiber_;
  fiber::TaskGroup endings_;
  mutable std::mutex mutex_;
  std::vector<std::uint16_t> published_;  // guarded by mutex_
  telemetry::Gauge& gauge_;
};

}  // namespace tidemark::kit
