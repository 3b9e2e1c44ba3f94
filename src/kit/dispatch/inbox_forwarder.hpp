// InboxForwarder: brings the events of one topic into the inboxes of one handler, each into that of its partition.
//
// An inbox's last id is how far it has the topic: it is moved in the commit that appends, also past what is not meant
// for it, and what lies below it is not taken again. So a forwarder keeps nothing, may stop anywhere, and two of them
// at once do what one does. The group's cursor at the topic follows behind what all inboxes have for sure: it holds
// back what the topic's retention may drop, and shows the lag.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "fiber/fiber.hpp"
#include "fiber/loop.hpp"
#include "kit/dispatch/placement.hpp"
#include "kit/run/runtime.hpp"
#include "model/partition.hpp"
#include "telemetry/metrics.hpp"

namespace tidemark::kit {

// On one loop. The group at the topic must have been declared.
class InboxForwarder {
 public:
  InboxForwarder(fiber::Loop& loop, Runtime& runtime, const detail::HandlerSpec& spec);
  // After stop(), if it was started.
  ~InboxForwarder() = default;
  InboxForwarder(const InboxForwarder&) = delete;
  InboxForwarder& operator=(const InboxForwarder&) = delete;

  void start();  // on the loop's thread
  void stop();   // on a fiber of the loop: suspends until it has ended

  // One step: forwards a batch of what the inboxes lack. False when they have all there is. On a fiber.
  Result<bool> forward_some();

 private:
  // What is meant for each inbox; those without an entry are only moved on.
  using Shares = std::map<std::uint16_t, std::vector<model::Entry>>;

  void run();
  bool wait_for_more();
  Result<void> ask_all();
  Result<void> begin_new_inboxes();
  void report_lost_history();
  bool is_settled() const;
  Result<void> settle();
  Shares shares_of(std::vector<model::Entry> entries) const;
  template <class Wanted>
  Shares nothing_for(const Wanted& wanted) const;
  Result<void> forward(StreamId to, Shares shares);
  Result<void> forward_to(std::uint16_t partition, StreamId to, std::vector<model::Entry> entries);

  fiber::Loop& loop_;
  Runtime& runtime_;
  Placement placement_;
  std::string name_;
  std::vector<StreamId> stands_;  // by partition: how far its inbox has the topic; empty before they were asked
  StreamId read_;                 // how far the topic was read: between stands_ and this is nothing for that inbox
  StreamId moved_to_;             // where the group's cursor was put
  Lsn lsn_;                       // of the newest of what the inboxes have
  Instant settle_at_{};
  bool lost_history_ = false;
  fiber::FiberHandle fiber_;
  telemetry::Counter& forwarded_;
};

}  // namespace tidemark::kit
