// Dispatcher: runs one handler over its group's deliveries in one partition, on one loop.
//
// Its intake fetches batches; it runs keys side by side and each key's events in order (KeyQueues), commits the effects
// of each run with the acknowledgement, and gives a failed event its retries and then its place among the dead letters.
//
// What is held in memory is bounded: at most `concurrency` events with their fields, at most `parked_max` ids of events
// parked behind one that waits for a retry; past either, fetching pauses.
#pragma once
#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "fiber/fiber.hpp"
#include "fiber/loop.hpp"
#include "fiber/sync.hpp"
#include "fiber/task_group.hpp"
#include "fiber/timer.hpp"
#include "kit/dispatch/handler_metrics.hpp"
#include "kit/dispatch/intake.hpp"
#include "kit/dispatch/key_queues.hpp"
#include "kit/dispatch/placement.hpp"
#include "kit/run/effects.hpp"
#include "kit/run/foresight.hpp"
#include "kit/run/run_chain.hpp"
#include "kit/run/run_watch.hpp"
#include "kit/run/runtime.hpp"
#include "kit/run/transaction_state.hpp"
#include "kit/service/spec.hpp"

namespace tidemark::kit {

// What ids and effect keys of a handler's runs are derived from. An event that is handled in every partition must not
// give the same ones in each.
std::string scope_of(const detail::HandlerSpec& spec, std::uint16_t partition);

class Dispatcher {
 public:
  Dispatcher(fiber::Loop& loop, Runtime& runtime, const detail::HandlerSpec& spec, Seat seat = {});
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Makes the group, takes over what is pending for it, and begins. On a fiber of the loop. Throws Unavailable, with
  // nothing left running, when there are too few fibers.
  Result<void> start();
  // Fetches no more and starts no further run. What runs goes on; what is queued stays pending at the store, without an
  // attempt counted. On the loop's thread.
  void begin_drain();
  // Suspends until nothing runs any more, or until `deadline`, and then cancels what still does: it runs again after
  // the next start, with the same attempt. False when there was something to cancel. On a fiber of the loop, after
  // begin_drain().
  bool finish_drain(Instant deadline);
  // Suspends until nothing runs any more, or until `deadline`; false then. On a fiber of the loop, after begin_drain().
  bool wait_until_quiet(Instant deadline);

  struct Stats {
    std::size_t active = 0, parked = 0, running = 0;
    std::size_t waiting = 0;  // keys whose first event waits for its retry
    bool is_full = false;     // it fetches nothing because too many events wait behind failing ones
  };
  Stats stats() const;
  const detail::HandlerSpec& spec() const { return spec_; }

 private:
  enum class Outcome {
    done,       // settled
    postponed,  // to be run again later
    lost,       // no longer ours
    stopped,    // drained before it ran
  };

  void start_workers();
  void spawn_workers();
  void work(KeyQueues::Key* key);
  Outcome process(KeyQueues::Key* key);
  bool can_run_together(const Item& item) const;
  std::optional<Outcome> run_together(KeyQueues::Key* key);
  void look_ahead(const KeyQueues::Key* key, RunChain& chain) const;
  std::exception_ptr run_in_chain(RunChain& chain, const Item& item, RunWatch& watch);
  Outcome run_attempt(KeyQueues::Key* key, Item& item);
  Result<void> run_until_committed(KeyQueues::Key* key, std::uint32_t attempt, RunWatch& watch);
  Result<void> run_once(KeyQueues::Key* key, std::uint32_t attempt, TimePoint began, RunWatch& watch);
  void run_function(detail::TransactionState& state, const Item& item);
  Cause cause_of(const Item& item, const RunWatch& watch) const;
  RunWatch begin_run(const Item& item) const;
  void describe(RunRecord& record, const Item& item, const KeyQueues::Key* key, std::uint32_t attempt) const;
  Outcome thrown(KeyQueues::Key* key, Item& item, std::uint32_t attempt, const std::exception_ptr& failure,
                 RunWatch& watch);
  Lsn record_attempt(Item& item, std::uint32_t attempt);
  void take_back_attempt(Item& item);
  Outcome failed(KeyQueues::Key* key, Item& item, std::uint32_t attempt, const std::string& error, RunWatch& watch);
  Outcome bury(KeyQueues::Key* key, const Item& item, std::uint32_t attempts, const std::string& error,
               RunWatch& watch);
  std::optional<std::uint16_t> partition_of_letter() const;
  bool restore(Item& item);
  void wait_for_store(std::string_view doing, const Failure& failure);
  void arm_timer();
  model::Commit commit_of(model::Settlement settlement) const;
  model::Settlement settlement(const Item& item) const;

  fiber::Loop& loop_;
  Runtime& runtime_;
  const detail::HandlerSpec& spec_;
  Placement placement_;
  std::uint16_t partition_;
  std::string name_;
  std::string scope_;
  KeyQueues queues_;
  Foresight foresight_;
  Intake intake_;
  Random random_{thread_random().next()};
  fiber::Signal quiet_;  // no worker is left
  fiber::TaskGroup workers_;
  EffectQueue effects_;
  fiber::Timer timer_;
  std::optional<Instant> timer_at_;
  fiber::Timer start_again_;  // workers, where there was no fiber to be had
  bool lacks_fibers_ = false;

  HandlerMetrics metrics_;
};

}  // namespace tidemark::kit
