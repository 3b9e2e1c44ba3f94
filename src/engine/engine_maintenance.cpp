// Engine: what time brings about (timers, expiry, retention), a bounded amount of it in each call.
#include <algorithm>

#include "engine/effects.hpp"
#include "engine/engine.hpp"
#include "engine/entry.hpp"
#include "engine/keys.hpp"
#include "engine/timers.hpp"
#include "engine/topics.hpp"

namespace tidemark::engine {
namespace {

constexpr std::size_t TIMERS_AT_ONCE = 64;
constexpr std::size_t KEYS_AT_ONCE = 256;
constexpr std::uint64_t ENTRIES_AT_ONCE = 10'000;      // looked at by retention: some milliseconds of reading
constexpr std::uint64_t TRIM_WORTH_IT = 100;           // entries that an approximate trim bothers for
constexpr std::uint64_t RECLAIM_BYTES = 16ull << 20;   // dropped, before files are looked through
constexpr std::chrono::milliseconds LOOK_AGAIN{1000};  // at the disk and at retention
constexpr std::uint64_t UNLIMITED = UINT64_MAX;

bool keeps_all(const model::Retention& retention) { return !retention.age && !retention.count && !retention.bytes; }

Keep keep_of(const model::Retention& retention, TimePoint now) {
  Keep keep{.count = retention.count, .bytes = retention.bytes};
  if (retention.age) {
    const auto oldest = std::max((now - *retention.age).time_since_epoch().count(), std::int64_t{0});
    keep.from = {static_cast<std::uint64_t>(oldest), 0};
  }
  return keep;
}

}  // namespace

Result<TimePoint> Engine::maintain() {
  const auto now = clock_.now();
  const std::unique_lock working{maintain_mutex_, std::try_to_lock};
  if (!working) return now + LOOK_AGAIN;
  refresh_disk();
  TIDEMARK_TRY(storage_->writable());
  bool more = false;
  for (const auto part : {&Engine::fire_timers, &Engine::expire_keys, &Engine::apply_retention}) {
    const auto more_of_it = (this->*part)(now);
    if (!more_of_it) return more_of_it.error();
    more = more || *more_of_it;
  }
  if (more) return now;
  const std::lock_guard lock{mutex_};
  auto next = now + LOOK_AGAIN;
  if (const auto due = timers_->next_due()) next = std::min(next, *due);
  if (const auto expiry = keys_->next_expiry()) next = std::min(next, *expiry);
  return next;
}

Result<bool> Engine::fire_timers(TimePoint now) {
  std::vector<Wake> wakes;
  bool more = false;
  {
    const std::lock_guard lock{mutex_};
    if (const auto due = timers_->next_due(); !due || *due > now) return false;
    auto& effects = begin();
    const auto due = timers_->take_due(now, TIMERS_AT_ONCE, effects.batch);
    if (!due) return due.error();
    for (const auto& timer : *due) {
      auto& topic = topic_for_publishing(timer.topic);
      const auto id = Stream::id_after(topic.stream.last_id(), std::nullopt, now);
      TIDEMARK_ASSERT(id.has_value(), "commits leave every topic ids to give out: ", timer.topic);
      append(topic, *id, timer.fields, wakes);
    }
    counters_.timers_fired += due->size();
    sequence();
    more = due->size() == TIMERS_AT_ONCE;
  }
  for (const auto& wake : wakes) wake();
  return more;
}

Result<bool> Engine::expire_keys(TimePoint now) {
  const std::lock_guard lock{mutex_};
  if (const auto next = keys_->next_expiry(); !next || *next > now) return false;
  const auto expired = keys_->expire(now, KEYS_AT_ONCE, begin().batch);
  if (!expired) return expired.error();
  sequence();
  return *expired == KEYS_AT_ONCE;
}

// Goes round the topics in the order of their names, from where the call before ended.
Result<bool> Engine::apply_retention(TimePoint now) {
  std::vector<std::shared_ptr<Topic>> limited;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [name, topic] : topics_->all())
      if (!keeps_all(topic->retention)) limited.push_back(topic);
  }
  const auto start = std::find_if(limited.begin(), limited.end(), [&](auto& t) { return t->name >= retention_next_; });
  std::rotate(limited.begin(), start, limited.end());
  std::uint64_t left = ENTRIES_AT_ONCE;
  for (const auto& topic : limited) {
    retention_next_ = topic->name;
    if (left == 0) return true;
    model::Retention retention;
    {
      const std::lock_guard lock{mutex_};
      retention = topic->retention;
    }
    const auto dropped = drop_prefix(topic, keep_of(retention, now), retention.force, left, 1);
    if (!dropped) return dropped.error();
    left -= std::min(left, dropped->count);
  }
  retention_next_.clear();
  return left == 0;
}

Result<Counted> Engine::trim(std::string_view name, const Trim& trim, bool force) {
  TIDEMARK_TRY(storage_->writable());
  std::unique_lock lock{mutex_};
  const auto topic = find_topic(name);
  if (!topic) return topic.error();
  lock.unlock();
  Keep keep{.count = trim.length};
  if (trim.from) keep.from = *trim.from;
  return drop_prefix(*topic, keep, force, UNLIMITED, trim.approximate ? TRIM_WORTH_IT : 1);
}

// Measures on a copy, without the lock; when entries were dropped or needed again meanwhile, it measures anew.
Result<Counted> Engine::drop_prefix(const std::shared_ptr<Topic>& topic, Keep keep, bool force, std::uint64_t limit,
                                    std::uint64_t at_least) {
  while (true) {
    std::unique_lock lock{mutex_};
    keep.floor = force ? StreamId::max() : topic->needed_from();
    const auto stream = topic->stream;
    lock.unlock();
    const auto prefix = stream.measure(*storage_, keep, limit);
    if (!prefix) return prefix.error();

    lock.lock();
    if (topic->removed || prefix->count < at_least) return Counted{0, storage_->sequenced()};
    if (topic->stream.generation() != prefix->generation) continue;
    if (!force && topic->needed_from() < std::min(prefix->first, keep.floor)) continue;
    auto& effects = begin();
    TIDEMARK_TRY(topic->stream.drop(*storage_, *prefix, effects));
    topic->write(effects);
    counters_.trimmed += prefix->count;
    topic->dropped_bytes += prefix->bytes;
    const Counted dropped{prefix->count, sequence()};
    const bool reclaim = topic->dropped_bytes >= RECLAIM_BYTES;
    if (reclaim) topic->dropped_bytes = 0;
    lock.unlock();
    if (reclaim)
      storage_->reclaim(StoredEntry::key(stream.number(), StreamId::min()),
                        StoredEntry::key(stream.number(), prefix->first));
    return dropped;
  }
}

void Engine::refresh_disk() {
  const auto now = clock_.instant();
  auto next = disk_next_.load(std::memory_order_relaxed);
  if (now < next || !disk_next_.compare_exchange_strong(next, now + LOOK_AGAIN)) return;
  const auto free = storage_->statistics().disk_free_bytes;
  disk_low_.store(free < disk_reserve_bytes_, std::memory_order_relaxed);
}

}  // namespace tidemark::engine
