// Intake: brings a handler's deliveries into its queues: first what was pending for others before, then what is new,
// and now and then what a dead consumer has left. Its heart-beat keeps what is queued from being taken by others.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "fiber/loop.hpp"
#include "fiber/sync.hpp"
#include "fiber/task_group.hpp"
#include "kit/dispatch/key_queues.hpp"
#include "kit/dispatch/placement.hpp"
#include "kit/run/runtime.hpp"
#include "kit/service/spec.hpp"
#include "model/partition.hpp"

namespace tidemark::kit {

// Which partition of a handler's events a dispatcher serves, and by what right.
struct Seat {
  std::uint16_t partition = 0;
  std::optional<model::Lease> lease = std::nullopt;
  // Called on the dispatcher's loop when the store says that the lease is another's. It must not wait.
  std::function<void()> lost = [] {};
};

// On one loop, like the queues that it fills.
class Intake {
 public:
  enum Source : std::uint8_t { TOPIC, REDRIVE };

  // `filled` is called when there is something new in the queues.
  Intake(fiber::Loop& loop, Runtime& runtime, const detail::HandlerSpec& spec, Seat seat, KeyQueues& queues,
         std::function<void()> filled);

  // Makes the groups, and begins. On a fiber of the loop.
  Result<void> start();
  // Asks for nothing more; the heart-beat for what is in hand goes on until wait(). On the loop's thread.
  void stop();
  // Suspends until nothing of it runs, after stop(), when nothing is in hand any more.
  void wait();

  bool stopped() const { return stopped_; }
  // Tells that the queues may have room again.
  void made_room();

  const store::Subscription& subscription(std::uint8_t source) const { return subscriptions_[source]; }

  // How long events are leased to this process without a heart-beat.
  static constexpr Duration LEASE = std::chrono::seconds{60};

 private:
  void take_over(Source source);
  void fetch(Source source);
  void heart_beat();
  bool beat(Source source);
  void claim_abandoned(Source source);
  void enqueue(Source source, model::Batch batch);
  bool has_room() const;
  bool wait_for_room();
  std::uint32_t batch_size() const;
  void refused(std::string_view doing, const Failure& failure);

  Runtime& runtime_;
  const detail::HandlerSpec& spec_;
  Placement placement_;
  Seat seat_;
  KeyQueues& queues_;
  std::function<void()> filled_;
  std::array<store::Subscription, 2> subscriptions_;  // by Source
  std::string name_;
  fiber::Signal room_;                // the queues have shrunk, or it is stopped
  fiber::TaskGroup tasks_;            // the loops that fetch and take over
  fiber::TaskGroup beats_;            // the heart-beat
  std::array<bool, 2> taken_over_{};  // by Source: all that was pending at the start is in the queues
  bool stopped_ = false;
};

}  // namespace tidemark::kit
