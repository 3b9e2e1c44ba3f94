// PartitionRun: all that a process does for one partition of a service while it has the lease: a dispatcher for each
// handler, and with partition 0 the forwarders that fill the inboxes of all partitions.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "fiber/loop.hpp"
#include "kit/dispatcher.hpp"
#include "kit/inbox_forwarder.hpp"
#include "kit/runtime.hpp"
#include "kit/spec.hpp"

namespace tidemark::kit {

// On fibers of one loop, which is its own; the dispatchers are spread over all of `loops`.
class PartitionRun {
 public:
  // `lost` is called, on the loop of a dispatcher, when the store says that the lease is another's.
  PartitionRun(std::span<fiber::Loop* const> loops, fiber::Loop& own, Runtime& runtime, const detail::ServiceSpec& spec,
               model::Lease lease, std::function<void()> lost);
  // After end(), where anything was started.
  ~PartitionRun() = default;
  PartitionRun(const PartitionRun&) = delete;
  PartitionRun& operator=(const PartitionRun&) = delete;

  // Starts everything. When something fails, what was started is ended again.
  Result<void> start();
  // Takes no more events. Goes on even when this fiber is cancelled, and so does end().
  void begin_drain();
  // Suspends until all that runs has ended, or until `deadline`, and then cancels what still does. False when there was
  // something to cancel.
  bool end(Instant deadline);

  const model::Lease& lease() const { return lease_; }

 private:
  struct Running {
    fiber::Loop* loop;
    std::unique_ptr<Dispatcher> dispatcher;
  };
  void start_dispatcher(std::size_t handler);
  void start_forwarders();
  void for_all(const std::function<void(Running&)>& work);

  Runtime& runtime_;
  const detail::ServiceSpec& spec_;
  model::Lease lease_;
  std::function<void()> lost_;
  std::vector<Running> running_;  // by handler
  std::vector<std::unique_ptr<InboxForwarder>> forwarders_;
  fiber::Loop& own_;
};

}  // namespace tidemark::kit
