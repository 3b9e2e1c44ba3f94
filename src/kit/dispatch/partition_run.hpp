// PartitionRun: all that a process does for one partition of a service while it has the lease: a dispatcher for each
// handler that is not paused, and with partition 0 the forwarders that fill the inboxes of all partitions.
//
// A pause ends the handler's dispatcher as a drain does, and resuming starts a new one: what was in hand stays pending
// at the store, is taken over again in its order, and has lost no attempt.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fiber/loop.hpp"
#include "fiber/task_group.hpp"
#include "kit/dispatch/dispatcher.hpp"
#include "kit/dispatch/inbox_forwarder.hpp"
#include "kit/dispatch/pauses.hpp"
#include "kit/run/runtime.hpp"
#include "kit/service/spec.hpp"

namespace tidemark::kit {

// By handler, in the order of the service's declarations.
using PausesByHandler = std::vector<std::optional<Pause>>;

// On fibers of one loop, which is its own; the dispatchers are spread over all of `loops`.
class PartitionRun {
 public:
  // `lost` is called, on the loop of a dispatcher, when the store says that the lease is another's.
  PartitionRun(std::span<fiber::Loop* const> loops, fiber::Loop& own, Runtime& runtime, const detail::ServiceSpec& spec,
               model::Lease lease, const PausesByHandler& pauses, std::function<void()> lost);
  // After end(), where anything was started.
  ~PartitionRun() = default;
  PartitionRun(const PartitionRun&) = delete;
  PartitionRun& operator=(const PartitionRun&) = delete;

  // Starts everything that is not paused. When something fails, what was started is ended again.
  Result<void> start();
  // Says what is paused from now on. What that changes goes on beside; a handler that has come to rest is noted at the
  // store (Pauses).
  void set_pauses(const PausesByHandler& pauses);
  // What a handler has in hand; none while it is paused. On a fiber of its own loop.
  std::optional<Dispatcher::Stats> stats(std::size_t handler);
  // Takes no more events. Goes on even when this fiber is cancelled, and so does end().
  void begin_drain();
  // Suspends until all that runs has ended, or until `deadline`, and then cancels what still does. False when there was
  // something to cancel.
  bool end(Instant deadline);

  const model::Lease& lease() const { return lease_; }

 private:
  struct Running {
    fiber::Loop* loop;
    std::unique_ptr<Dispatcher> dispatcher;  // on `loop`
    std::optional<Pause> pause = std::nullopt;
    bool started = false;   // whether there is a dispatcher
    bool ends = false;      // whether that was told to end, for a pause
    bool changing = false;  // whether a fiber brings it to where it is to be
    std::string rests_in;   // the pause in which its rest was noted
  };
  void start_dispatcher(std::size_t handler);
  bool is_as_wished(const Running& running) const;
  void begin_change(std::size_t handler);
  void change(std::size_t handler);
  Result<void> change_some(std::size_t handler);
  void end_dispatcher(std::size_t handler);
  Result<void> note_rest(std::size_t handler, const Pause& pause);
  void start_forwarders();
  void for_all(const std::function<void(Running&)>& work);

  Runtime& runtime_;
  const detail::ServiceSpec& spec_;
  model::Lease lease_;
  std::function<void()> lost_;
  std::vector<Running> running_;  // by handler
  std::vector<std::unique_ptr<InboxForwarder>> forwarders_;
  fiber::Loop& own_;
  bool draining_ = false, ending_ = false;
  fiber::TaskGroup changes_;
};

}  // namespace tidemark::kit
