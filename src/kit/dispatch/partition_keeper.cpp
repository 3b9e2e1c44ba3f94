#include "kit/dispatch/partition_keeper.hpp"

#include <algorithm>

#include "kit/run/side_by_side.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

// A beat looks for partitions no longer than this, so that those it has are renewed in time.
constexpr Duration TAKE_FOR = std::chrono::seconds{1};
// A store that does not answer must not hold up the beats, or the end, for longer.
constexpr Duration ANSWER_WITHIN = std::chrono::seconds{5};

template <class Ask>
auto bounded(const Ask& ask) -> decltype(ask()) {
  try {
    const fiber::DeadlineScope limit{fiber::Loop::current()->clock().instant() + ANSWER_WITHIN};
    return ask();
  } catch (const fiber::DeadlineExceeded&) {
    return fail(ErrorCode::unavailable, "the store does not answer");
  }
}

}  // namespace

std::uint16_t share_of(std::uint16_t partitions, std::span<const std::string> members, const std::string& me) {
  const auto place = static_cast<std::size_t>(std::ranges::find(members, me) - members.begin());
  if (place == members.size()) return 0;
  const auto each = partitions / members.size(), rest = partitions % members.size();
  return static_cast<std::uint16_t>(each + (place < rest ? 1 : 0));
}

PartitionKeeper::PartitionKeeper(std::vector<fiber::Loop*> loops, Runtime& runtime, const detail::ServiceSpec& spec)
    : loops_{std::move(loops)},
      runtime_{runtime},
      spec_{spec},
      pauses_(spec.handlers.size()),
      endings_{own()},
      gauge_{runtime.metrics.gauge("tidemark_partitions_held", "Partitions whose handlers run in this process.",
                                   {{"service", runtime.service}})} {}

PartitionKeeper::~PartitionKeeper() = default;

Result<void> PartitionKeeper::start() {
  if (spec_.handlers.empty()) return {};
  TIDEMARK_TRY(beat());
  fiber_ = own().spawn("partitions of " + runtime_.service, [this] { run(); });
  return {};
}

std::vector<std::uint16_t> PartitionKeeper::held() const {
  const std::scoped_lock lock{mutex_};
  return published_;
}

void PartitionKeeper::publish() {
  std::vector<std::uint16_t> numbers;
  for (const auto& [number, held] : held_)
    if (!held.ending) numbers.push_back(number);
  gauge_.set(static_cast<double>(numbers.size()));
  const std::scoped_lock lock{mutex_};
  published_ = std::move(numbers);
}

// --- The beat ---

void PartitionKeeper::run() {
  for (;;) {
    const auto next = runtime_.clock.instant() + BEAT;
    static_cast<void>(reports_->rung.wait_until(next, [this] { return !reports_->lost.empty(); }));
    Result<void> done;
    try {
      done = beat();
    } catch (const fiber::Cancelled&) {
      throw;
    } catch (const Error& error) {
      done = fail(error.code(), error.what());
    }
    if (!done && std::exchange(store_answers_, false))
      log::warn("partitions can't be kept or taken; trying on",
                {{"service", runtime_.service}, {"error", done.error().text()}});
    if (done) store_answers_ = true;
  }
}

Result<void> PartitionKeeper::beat() {
  end_lost();
  joined_ = true;
  auto members = bounded([&] { return runtime_.store.join(runtime_.service, runtime_.consumer, LEASE); });
  if (!members) return members.error();
  TIDEMARK_TRY(bounded([&] { return renew(); }));
  end_lost();
  if (stopping_) return {};
  TIDEMARK_TRY(bounded([&] { return read_pauses(); }));
  const std::size_t share = share_of(runtime_.partitions, *members, runtime_.consumer);
  give_back_surplus(share);
  const auto place = static_cast<std::size_t>(std::ranges::find(*members, runtime_.consumer) - members->begin());
  return take_free(share, place, members->size());
}

Result<void> PartitionKeeper::renew() {
  std::vector<model::Lease> leases;
  std::vector<std::uint64_t> serials;
  for (const auto& [number, held] : held_) {
    leases.push_back(held.run->lease());
    serials.push_back(held.serial);
  }
  std::optional<Failure> failure;
  side_by_side("renew leases of " + runtime_.service, leases.size(), [&](std::size_t i) {
    auto answer = runtime_.store.lease(leases[i].partition, leases[i].owner, LEASE);
    if (!answer)
      failure = answer.error();
    else if (answer->lease != leases[i])
      reports_->lost.insert(serials[i]);
    // It was another's meanwhile and is ours again, by another epoch. It is taken anew, from its take-over on.
    if (answer && answer->lease && answer->lease != leases[i]) {
      auto released = runtime_.store.release(*answer->lease);
      if (!released) failure = released.error();
    }
  });
  if (failure) return std::move(*failure);
  return {};
}

// What is not known stays as it was.
Result<void> PartitionKeeper::read_pauses() {
  const auto look = ++looks_;
  const Pauses pauses{runtime_.store, runtime_.clock};
  PausesByHandler found{spec_.handlers.size()};
  std::optional<Failure> failure;
  side_by_side("pauses of " + runtime_.service, found.size(), [&](std::size_t i) {
    auto pause = pauses.find(spec_.handlers[i].topic, spec_.handlers[i].group);
    if (pause)
      found[i] = std::move(*pause);
    else
      failure = pause.error();
  });
  if (failure) return std::move(*failure);
  if (look < looked_) return {};  // one that began later has been faster
  looked_ = look;
  pauses_ = std::move(found);
  for (auto& [number, held] : held_)
    if (!held.ending) held.run->set_pauses(pauses_);
  return {};
}

Result<void> PartitionKeeper::look_at_pauses() {
  Result<void> looked;
  run_on(own(), "look at pauses", [&] { looked = bounded([&] { return read_pauses(); }); });
  return looked;
}

Dispatcher::Stats PartitionKeeper::stats(std::size_t handler) {
  Dispatcher::Stats sum;
  run_on(own(), "look at a handler", [&] {
    std::vector<std::shared_ptr<PartitionRun>> runs;
    for (const auto& [number, held] : held_)
      if (!held.ending) runs.push_back(held.run);
    for (const auto& run : runs) {
      const auto stats = run->stats(handler);
      if (!stats) continue;
      sum.active += stats->active;
      sum.parked += stats->parked;
      sum.running += stats->running;
      sum.waiting += stats->waiting;
      sum.is_full = sum.is_full || stats->is_full;
    }
  });
  return sum;
}

// Without a lease nothing can be fetched, and what is in hand is the successor's to run.
void PartitionKeeper::end_lost() {
  const auto lost = std::exchange(reports_->lost, {});
  for (auto& [number, held] : held_)
    if (!held.ending && lost.contains(held.serial)) {
      log::warn("the lease of a partition is another process's now",
                {{"service", runtime_.service}, {"partition", number}});
      end(number, runtime_.clock.instant());
    }
}

// How many it has and is to keep.
std::size_t PartitionKeeper::lasting() const {
  return static_cast<std::size_t>(std::ranges::count_if(held_, [](const auto& held) { return !held.second.ending; }));
}

void PartitionKeeper::give_back_surplus(std::size_t share) {
  auto surplus = std::max(lasting(), share) - share;
  for (auto at = held_.rbegin(); surplus > 0 && at != held_.rend(); ++at) {
    if (at->second.ending) continue;
    log::info("gives back a partition", {{"service", runtime_.service}, {"partition", at->first}});
    end(at->first, runtime_.clock.instant() + GIVE_BACK);
    --surplus;
  }
}

Result<void> PartitionKeeper::take_free(std::size_t share, std::size_t place, std::size_t members) {
  const auto began = runtime_.clock.instant();
  const auto first = place * runtime_.partitions / members;  // each begins elsewhere, so that they seldom meet
  for (std::size_t i = 0; i < runtime_.partitions && held_.size() < share; ++i) {
    const auto now = runtime_.clock.instant();
    if (now - began > TAKE_FOR) break;
    const auto number = static_cast<std::uint16_t>((first + i) % runtime_.partitions);
    if (held_.contains(number)) continue;
    if (const auto taken = taken_until_.find(number); taken != taken_until_.end() && taken->second > now) continue;
    auto took = take(number);
    if (!took) return took.error();
  }
  return {};
}

// False when another process has it.
Result<bool> PartitionKeeper::take(std::uint16_t number) {
  const model::Partition partition{runtime_.service, number};
  auto answer = bounded([&] { return runtime_.store.lease(partition, runtime_.consumer, LEASE); });
  if (!answer) return answer.error();
  if (!answer->lease) {
    // It may be given back before its time is over.
    taken_until_[number] = runtime_.clock.instant() + std::min(answer->left, BEAT / 2);
    return false;
  }
  const auto serial = ++serial_;
  auto lost = [serial, reports = reports_, &own = own()] {
    own.post([serial, reports] {
      reports->lost.insert(serial);
      reports->rung.notify_all();
    });
  };
  auto run = std::make_shared<PartitionRun>(loops_, own(), runtime_, spec_, *answer->lease, pauses_, std::move(lost));
  if (auto started = run->start(); !started) {
    static_cast<void>(runtime_.store.release(*answer->lease));
    return started.error();
  }
  if (stopping_) run->begin_drain();
  held_.emplace(number, Held{.serial = serial, .run = std::move(run)});
  publish();
  if (runtime_.partitions > 1) log::info("took a partition", {{"service", runtime_.service}, {"partition", number}});
  return true;
}

// Beside the beats: the lease is renewed until what runs has ended.
void PartitionKeeper::end(std::uint16_t number, Instant deadline) {
  auto& held = held_.at(number);
  endings_.spawn("give up " + held.run->lease().partition.tag(), [this, number, deadline, run = held.run] {
    in_time_ = run->end(deadline) && in_time_;
    const fiber::UncancellableScope to_the_end;
    auto released = bounded([&] { return runtime_.store.release(run->lease()); });
    if (!released)
      log::warn("a lease can't be given back and has to run out",
                {{"service", runtime_.service}, {"partition", number}, {"error", released.error().text()}});
    held_.erase(number);
  });
  held.ending = true;
  publish();
}

// --- The end ---

void PartitionKeeper::begin_drain() {
  stopping_ = true;
  std::vector<std::shared_ptr<PartitionRun>> runs;
  for (const auto& [number, held] : held_)
    if (!held.ending) runs.push_back(held.run);
  for (const auto& run : runs) run->begin_drain();
}

void PartitionKeeper::end_all(Instant deadline) {
  in_time_ = true;
  for (auto& [number, held] : held_)
    if (!held.ending) end(number, deadline);
  endings_.wait();
}

bool PartitionKeeper::finish_drain(Instant deadline) {
  stopping_ = true;
  end_all(deadline);
  const bool in_time = in_time_;
  if (fiber_) {
    fiber_.cancel();
    fiber_.join();
    fiber_ = {};
  }
  end_all(deadline);  // what a beat was taking meanwhile
  if (joined_) {
    auto left = bounded([&] { return runtime_.store.leave(runtime_.service, runtime_.consumer); });
    if (!left) log::debug("can't leave the service's processes", {{"error", left.error().text()}});
  }
  return in_time && in_time_;
}

}  // namespace tidemark::kit
