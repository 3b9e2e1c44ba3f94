#include "kit/partition_run.hpp"

#include <atomic>

#include "kit/side_by_side.hpp"

namespace tidemark::kit {
namespace {

constexpr Duration NO_FIBER_RETRY = std::chrono::milliseconds{20};

}  // namespace

PartitionRun::PartitionRun(std::span<fiber::Loop* const> loops, fiber::Loop& own, Runtime& runtime,
                           const detail::ServiceSpec& spec, model::Lease lease, std::function<void()> lost)
    : runtime_{runtime}, spec_{spec}, lease_{std::move(lease)}, lost_{std::move(lost)}, own_{own} {
  const auto handlers = spec.handlers.size();
  for (std::size_t handler = 0; handler < handlers; ++handler)
    running_.push_back({loops[(lease_.partition.number * handlers + handler) % loops.size()], nullptr});
}

Result<void> PartitionRun::start() {
  try {
    side_by_side("start " + lease_.partition.tag(), running_.size(), [this](std::size_t i) { start_dispatcher(i); });
    if (lease_.partition.number == 0) start_forwarders();
  } catch (const Error& error) {
    end(runtime_.clock.instant());
    return fail(error.code(), error.what());
  }
  return {};
}

void PartitionRun::start_forwarders() {
  for (const auto& handler : spec_.handlers) {
    if (!Placement{runtime_, handler}.has_inboxes()) continue;
    forwarders_.push_back(std::make_unique<InboxForwarder>(own_, runtime_, handler));
    forwarders_.back()->start();
  }
}

void PartitionRun::start_dispatcher(std::size_t handler) {
  auto& [loop, dispatcher] = running_[handler];
  run_on(*loop, "start " + spec_.handlers[handler].topic, [&, &loop = *loop, &dispatcher = dispatcher] {
    auto started =
        std::make_unique<Dispatcher>(loop, runtime_, spec_.handlers[handler],
                                     Seat{.partition = lease_.partition.number, .lease = lease_, .lost = lost_});
    started->start().or_raise();
    dispatcher = std::move(started);
  });
}

// Nothing may be left running, so a lack of fibers only delays it.
void PartitionRun::for_all(const std::function<void(Running&)>& work) {
  const fiber::UncancellableScope to_the_end;
  for (;;) try {
      return side_by_side("drain " + lease_.partition.tag(), running_.size(),
                          [&](std::size_t i) { work(running_[i]); });
    } catch (const Unavailable&) {
      this_fiber::sleep_for(NO_FIBER_RETRY);
    }
}

void PartitionRun::begin_drain() {
  for_all([](Running& running) {
    run_on(*running.loop, "drain", [&] {
      if (running.dispatcher) running.dispatcher->begin_drain();
    });
  });
}

bool PartitionRun::end(Instant deadline) {
  begin_drain();
  {
    const fiber::UncancellableScope to_the_end;
    for (const auto& forwarder : forwarders_) forwarder->stop();
    forwarders_.clear();
  }
  std::atomic<bool> in_time{true};
  for_all([&](Running& running) {
    run_on(*running.loop, "drain", [&] {
      if (!running.dispatcher) return;  // another end has come first
      if (!running.dispatcher->finish_drain(deadline)) in_time = false;
      running.dispatcher.reset();
    });
  });
  return in_time;
}

}  // namespace tidemark::kit
