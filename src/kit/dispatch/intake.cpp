#include "kit/dispatch/intake.hpp"

#include <algorithm>
#include <utility>

#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t BATCH_ENTRIES = 128;
constexpr std::size_t BATCH_BYTES = 1 << 20;               // 1 MiB of fields
constexpr Duration FETCH_WAIT = std::chrono::seconds{30};  // a fetch with nothing to hand over asks again after it

}  // namespace

Intake::Intake(fiber::Loop& loop, Runtime& runtime, const detail::HandlerSpec& spec, Seat seat, KeyQueues& queues,
               std::function<void()> filled)
    : runtime_{runtime},
      spec_{spec},
      placement_{runtime, spec},
      seat_{std::move(seat)},
      queues_{queues},
      filled_{std::move(filled)},
      subscriptions_{
          store::Subscription{placement_.topic(seat_.partition), spec.group, runtime.consumer, seat_.lease},
          store::Subscription{placement_.redrive_topic(seat_.partition), spec.group, runtime.consumer, seat_.lease}},
      name_{runtime.service + ": " + subscriptions_[TOPIC].topic + " (" + spec.group + ")"},
      tasks_{loop},
      beats_{loop} {}

Result<void> Intake::start() {
  auto begin = StreamId::min();
  if (spec_.from_now_on && !placement_.has_inboxes()) {
    if (auto topic = runtime_.store.topic(spec_.topic)) begin = topic->last_id;
  }
  TIDEMARK_TRY(runtime_.store.declare_group(subscriptions_[TOPIC].topic, spec_.group, begin));
  // The group first: what it has not acknowledged stays. The forwarder can fill the inbox before this.
  if (placement_.has_inboxes())
    TIDEMARK_TRY(runtime_.store.declare_topic({.name = subscriptions_[TOPIC].topic, .retention = {.count = 0}}));
  TIDEMARK_TRY(runtime_.store.declare_group(subscriptions_[REDRIVE].topic, spec_.group, StreamId::min()));
  for (const auto source : {TOPIC, REDRIVE})
    tasks_.spawn("fetch " + subscriptions_[source].topic, [this, source] {
      take_over(source);
      taken_over_[source] = true;
      fetch(source);
    });
  beats_.spawn("heart-beat " + name_, [this] { heart_beat(); });
  return {};
}

void Intake::stop() {
  stopped_ = true;
  tasks_.cancel();
  room_.notify_all();
}

void Intake::wait() {
  beats_.cancel();
  tasks_.wait();
  beats_.wait();
}

void Intake::made_room() {
  if (has_room()) room_.notify_all();
}

bool Intake::has_room() const {
  return !stopped_ && queues_.active() < spec_.concurrency && queues_.parked() <= spec_.parked_max;
}

// False when it is stopped.
bool Intake::wait_for_room() {
  room_.wait([this] { return stopped_ || has_room(); });
  return !stopped_;
}

std::uint32_t Intake::batch_size() const {
  return static_cast<std::uint32_t>(std::min<std::size_t>(BATCH_ENTRIES, spec_.concurrency - queues_.active()));
}

// The store has not done it: waits a little. Where another process has the lease, everything that waits here ends.
void Intake::refused(std::string_view doing, const Failure& failure) {
  if (failure.code == ErrorCode::fenced && seat_.lease) {
    if (!stopped_) seat_.lost();
    stop();
    return;
  }
  log::warn("the store refuses; trying again", {{"handler", name_}, {"doing", doing}, {"error", failure.text()}});
  this_fiber::sleep_for(STORE_RETRY);
}

// Whatever is pending was left by who had the partition before, and is ours now: oldest first, before anything new.
void Intake::take_over(Source source) {
  auto after = StreamId::min();
  while (wait_for_room()) {
    auto batch = runtime_.store.claim(subscription(source), Duration{0}, after, batch_size());
    if (!batch) {
      refused("taking over", batch.error());
      continue;
    }
    if (batch->deliveries.empty()) return;
    after = batch->deliveries.back().id;
    enqueue(source, std::move(*batch));
  }
}

void Intake::fetch(Source source) {
  while (!stopped_) {
    if (queues_.parked() > spec_.parked_max)
      log::warn("a handler pauses: too many events wait behind failing ones of their keys",
                {{"handler", name_}, {"parked", queues_.parked()}});
    if (!wait_for_room()) return;
    auto batch =
        runtime_.store.fetch(subscription(source), batch_size(), BATCH_BYTES, runtime_.clock.instant() + FETCH_WAIT);
    if (batch)
      enqueue(source, std::move(*batch));
    else
      refused("fetching", batch.error());
  }
}

void Intake::enqueue(Source source, model::Batch batch) {
  for (auto& delivery : batch.deliveries) {
    const std::string key = placement_.key_of(delivery.fields);
    Item item{.source = source,
              .id = delivery.id,
              .token = delivery.token,
              .attempts = delivery.attempts,
              .suspect = delivery.suspect,
              .handed_over = batch.lsn,
              .fields = std::move(delivery.fields)};
    const auto now = runtime_.clock.now();
    if (delivery.retry_at && *delivery.retry_at > now)
      queues_.push_waiting(key, std::move(item), runtime_.clock.instant() + (*delivery.retry_at - now));
    else
      queues_.push(key, std::move(item));
  }
  filled_();
}

// A third of the lease apart, so that two beats may fail before it ends. Also picks up what a dead consumer has left.
// Goes on while what runs ends: a run that takes long must not look abandoned, nor its group be taken for unread.
void Intake::heart_beat() {
  for (;;) {
    this_fiber::sleep_for(LEASE / 3);
    for (const auto source : {TOPIC, REDRIVE}) {
      // While the store does not know that ours are in good hands, they would look abandoned, too; and what is still
      // to be taken over comes in its order.
      if (beat(source) && taken_over_[source]) claim_abandoned(source);
    }
  }
}

// False when the store could not be told.
bool Intake::beat(Source source) {
  std::vector<std::pair<StreamId, std::uint64_t>> held;
  queues_.for_each([&](const Item& item) {
    if (item.source == source) held.emplace_back(item.id, item.token);
  });
  if (held.empty()) return true;
  const auto lost = runtime_.store.extend_leases(subscription(source), held);
  if (!lost) return false;
  for (const auto& id : *lost) {
    const auto at = std::ranges::find(held, id, &std::pair<StreamId, std::uint64_t>::first);
    if (at != held.end()) queues_.drop(source, id, at->second);
  }
  made_room();
  return true;
}

void Intake::claim_abandoned(Source source) {
  if (!has_room()) return;
  auto batch = runtime_.store.claim(subscription(source), LEASE, StreamId::min(), batch_size());
  if (batch && !batch->deliveries.empty() && !stopped_) enqueue(source, std::move(*batch));
}

}  // namespace tidemark::kit
