#include "kit/dispatch/partition_run.hpp"

#include <atomic>

#include "kit/run/side_by_side.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

constexpr Duration NO_FIBER_RETRY = std::chrono::milliseconds{20};
// A handler that is to rest is waited for in steps, so that the end of everything need not wait for it.
constexpr Duration REST_STEP = std::chrono::milliseconds{100};
// What is to happen after its last commits may take so long.
constexpr Duration EFFECTS_FOR = std::chrono::seconds{1};

}  // namespace

PartitionRun::PartitionRun(std::span<fiber::Loop* const> loops, fiber::Loop& own, Runtime& runtime,
                           const detail::ServiceSpec& spec, model::Lease lease, const PausesByHandler& pauses,
                           std::function<void()> lost)
    : runtime_{runtime}, spec_{spec}, lease_{std::move(lease)}, lost_{std::move(lost)}, own_{own}, changes_{own} {
  const auto handlers = spec.handlers.size();
  for (std::size_t handler = 0; handler < handlers; ++handler)
    running_.push_back({.loop = loops[(lease_.partition.number * handlers + handler) % loops.size()],
                        .dispatcher = nullptr,
                        .pause = pauses[handler],
                        .rests_in = {}});
}

Result<void> PartitionRun::start() {
  try {
    side_by_side("start " + lease_.partition.tag(), running_.size(), [this](std::size_t i) {
      if (!running_[i].pause) start_dispatcher(i);
    });
    if (lease_.partition.number == 0) start_forwarders();
  } catch (const Error& error) {
    end(runtime_.clock.instant());
    return fail(error.code(), error.what());
  }
  for (std::size_t i = 0; i < running_.size(); ++i) begin_change(i);
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
  auto& running = running_[handler];
  run_on(*running.loop, "start " + spec_.handlers[handler].topic, [&] {
    auto started =
        std::make_unique<Dispatcher>(*running.loop, runtime_, spec_.handlers[handler],
                                     Seat{.partition = lease_.partition.number, .lease = lease_, .lost = lost_});
    started->start().or_raise();
    running.dispatcher = std::move(started);
  });
  running.started = true;
}

std::optional<Dispatcher::Stats> PartitionRun::stats(std::size_t handler) {
  auto& running = running_[handler];
  std::optional<Dispatcher::Stats> stats;
  run_on(*running.loop, "look at " + spec_.handlers[handler].topic, [&] {
    if (running.dispatcher) stats = running.dispatcher->stats();
  });
  return stats;
}

// --- Pauses ---

void PartitionRun::set_pauses(const PausesByHandler& pauses) {
  for (std::size_t i = 0; i < running_.size(); ++i) {
    running_[i].pause = pauses[i];
    begin_change(i);
  }
}

bool PartitionRun::is_as_wished(const Running& running) const {
  if (running.pause) return !running.started && running.rests_in == running.pause->id;
  return (running.started && !running.ends) || draining_;
}

void PartitionRun::begin_change(std::size_t handler) {
  auto& running = running_[handler];
  if (running.changing || ending_ || is_as_wished(running)) return;
  running.changing = true;
  try {
    changes_.spawn("pause or resume " + spec_.handlers[handler].topic, [this, handler] { change(handler); });
  } catch (const Error&) {  // there are as many fibers as there may be: the next beat asks again
    running.changing = false;
  }
}

void PartitionRun::change(std::size_t handler) {
  auto& running = running_[handler];
  while (!ending_ && !is_as_wished(running)) {
    Result<void> changed;
    try {
      changed = change_some(handler);
    } catch (const fiber::Cancelled&) {
      throw;
    } catch (const Error& error) {
      changed = fail(error.code(), error.what());
    }
    if (changed) continue;
    log::warn(
        "a handler can't be paused or resumed; trying on",
        {{"service", runtime_.service}, {"topic", spec_.handlers[handler].topic}, {"error", changed.error().text()}});
    this_fiber::sleep_for(STORE_RETRY);
  }
  running.changing = false;
}

// One step.
Result<void> PartitionRun::change_some(std::size_t handler) {
  auto& running = running_[handler];
  if (running.started) {
    end_dispatcher(handler);
    return {};
  }
  if (running.pause) return note_rest(handler, Pause{*running.pause});
  start_dispatcher(handler);
  if (draining_) begin_drain();
  log::info("a handler goes on", {{"service", runtime_.service},
                                  {"topic", spec_.handlers[handler].topic},
                                  {"group", spec_.handlers[handler].group},
                                  {"partition", lease_.partition.number}});
  return {};
}

// Waits for a moment; what runs may take longer.
void PartitionRun::end_dispatcher(std::size_t handler) {
  auto& running = running_[handler];
  running.ends = true;
  bool ended = false;
  run_on(*running.loop, "pause " + spec_.handlers[handler].topic, [&] {
    running.dispatcher->begin_drain();
    ended = running.dispatcher->wait_until_quiet(runtime_.clock.instant() + REST_STEP);
    if (!ended) return;
    static_cast<void>(running.dispatcher->finish_drain(runtime_.clock.instant() + EFFECTS_FOR));
    running.dispatcher.reset();
  });
  if (ended) running.started = running.ends = false;
}

Result<void> PartitionRun::note_rest(std::size_t handler, const Pause& pause) {
  const auto& spec = spec_.handlers[handler];
  Pauses pauses{runtime_.store, runtime_.clock};
  TIDEMARK_TRY(pauses.note_stopped(spec.topic, spec.group, lease_.partition.number, pause));
  running_[handler].rests_in = pause.id;
  log::info("a handler is paused", {{"service", runtime_.service},
                                    {"topic", spec.topic},
                                    {"group", spec.group},
                                    {"partition", lease_.partition.number},
                                    {"reason", pause.reason}});
  return {};
}

// --- The end ---

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
  draining_ = true;
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
    ending_ = true;
    changes_.cancel();
    changes_.wait();
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
