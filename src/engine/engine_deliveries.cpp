// Engine: what groups hand over, and what becomes of it outside of commits.
#include <algorithm>

#include "engine/effects.hpp"
#include "engine/engine.hpp"
#include "engine/entry.hpp"
#include "engine/topics.hpp"

namespace tidemark::engine {
namespace {

// A claim works in steps of so many entries, so that the lock is free in between.
constexpr std::uint32_t CLAIM_STEP = 32;
// A hand-over reads without the lock, and again when entries were dropped meanwhile; the last time with it.
constexpr int READS_WITHOUT_LOCK = 3;

// What a hand-over has read.
struct Reading {
  std::vector<Handed> entries;
  std::vector<model::Fields> fields;
};

Result<Reading> read_ahead(const storage::Storage& storage, const Stream& stream, StreamId cursor, std::uint64_t count,
                           std::size_t bytes) {
  Reading reading;
  if (cursor >= stream.last_id()) return reading;
  std::size_t bytes_read = 0;
  for (EntryCursor at{storage, stream.number(), std::max(cursor.next(), stream.first_id()), stream.last_id()};
       reading.entries.size() < count && (reading.entries.empty() || bytes_read < bytes); at.next()) {
    const auto entry = at.entry();
    if (!entry) return entry.error();
    if (!*entry) break;
    auto fields = model::Fields::from_bytes(std::string{(*entry)->fields});
    if (!fields) return fail(fields.error().code, fields.error().message, "entry " + (*entry)->id.text());
    bytes_read += (*entry)->bytes();
    reading.entries.push_back({(*entry)->id, (*entry)->ordinal});
    reading.fields.push_back(std::move(*fields));
  }
  return reading;
}

// The same from memory, which has all of the stream behind `ordinal`. Under the engine's lock.
Result<Reading> read_recent(const Topic& topic, std::uint64_t ordinal, StreamId cursor, std::uint64_t count,
                            std::size_t bytes) {
  Reading reading;
  std::size_t bytes_read = 0;
  while (++ordinal <= topic.stream.entries_added() && reading.entries.size() < count &&
         (reading.entries.empty() || bytes_read < bytes)) {
    const auto& entry = topic.recent.at(ordinal);
    if (entry.id <= cursor) continue;
    bytes_read += StoredEntry::bytes_of(entry.fields.bytes().size());
    reading.entries.push_back({entry.id, ordinal});
    reading.fields.push_back(entry.fields);
  }
  return reading;
}

model::Delivery delivery_of(const PendingEntry& entry, model::Fields fields) {
  return {.id = entry.id,
          .fields = std::move(fields),
          .token = entry.token,
          .deliveries = entry.deliveries,
          .attempts = entry.attempts,
          .suspect = entry.suspect,
          .retry_at = entry.retry_at,
          .last_error = entry.last_error};
}

Failure not_ours(const Subscription& by, StreamId id) {
  return fail(ErrorCode::fenced, "the delivery is no longer pending with this consumer and token",
              std::string{by.topic} + " " + id.text() + " of group '" + std::string{by.group} + "'");
}

}  // namespace

Result<model::Batch> Engine::deliver(const Subscription& by, std::uint32_t count, std::size_t bytes) {
  TIDEMARK_TRY(check_name("consumer", by.consumer));
  TIDEMARK_TRY(storage_->writable());
  std::unique_lock lock{mutex_};
  const auto member = find_group(by.topic, by.group);
  if (!member) return member.error();
  const auto& [topic, group] = *member;
  lock.unlock();

  const std::lock_guard fetching{group->fetching};
  for (int reads = 0;; ++reads) {
    lock.lock();
    auto& pending = group->pending();
    if (group->removed || count == 0 || !may_hand_over(*topic, *group)) break;
    const auto room = std::min<std::uint64_t>(count, limits_.group_pending_max - pending.size());
    const auto stream = topic->stream;
    const auto cursor = group->cursor();
    const bool in_memory = topic->recent.reach(stream, group->entries_read());
    if (!in_memory && reads < READS_WITHOUT_LOCK) lock.unlock();
    auto reading = in_memory ? read_recent(*topic, group->entries_read(), cursor, room, bytes)
                             : read_ahead(*storage_, stream, cursor, room, bytes);
    if (!reading) return reading.error();
    if (!lock.owns_lock()) lock.lock();
    if (group->removed || reading->entries.empty()) break;
    if (topic->stream.generation() != stream.generation() || group->cursor() != cursor) {
      lock.unlock();
      continue;
    }

    auto& effects = begin();
    const HandOver hand_over{.consumer = group->join(by.consumer, effects),
                             .token = random_.next() | 1,  // never 0
                             .now = clock_.now(),
                             .instant = clock_.instant(),
                             .suspect = group->is_suspect(reading->entries.front().ordinal)};
    group->note_seen(hand_over.consumer, hand_over.instant);
    group->hand_over(topic->stream, reading->entries, hand_over, effects);
    group->write(effects);
    counters_.delivered += reading->entries.size();
    model::Batch batch;
    batch.lsn = sequence();
    lock.unlock();
    batch.deliveries.reserve(reading->entries.size());
    for (std::size_t i = 0; i < reading->entries.size(); ++i)
      batch.deliveries.push_back({.id = reading->entries[i].id,
                                  .fields = std::move(reading->fields[i]),
                                  .token = hand_over.token,
                                  .suspect = hand_over.suspect});
    return batch;
  }
  if (group->removed) return find_group(by.topic, by.group).error();
  auto& effects = begin();
  group->note_seen(group->join(by.consumer, effects), clock_.instant());
  return model::Batch{{}, sequence()};
}

Result<model::Batch> Engine::claim(const Subscription& by, Duration idle, StreamId after, std::uint32_t count) {
  TIDEMARK_TRY(check_name("consumer", by.consumer));
  TIDEMARK_TRY(storage_->writable());
  const auto idle_by = clock_.instant() - idle;
  model::Batch claimed;
  for (bool more = true; more && claimed.deliveries.size() < count;) {
    const auto left = count - static_cast<std::uint32_t>(claimed.deliveries.size());
    const auto from = after;
    auto some = claim_some(by, idle_by, after, std::min(left, CLAIM_STEP));
    if (!some) return some.error();
    more = after != from;
    claimed.lsn = some->lsn;
    std::move(some->deliveries.begin(), some->deliveries.end(), std::back_inserter(claimed.deliveries));
  }
  if (claimed.lsn == Lsn{}) claimed.lsn = sequenced();
  return claimed;
}

// Looks at `count` entries above `after`, which moves on with them, and stays when there are none.
Result<model::Batch> Engine::claim_some(const Subscription& by, Instant idle_by, StreamId& after, std::uint32_t count) {
  const std::lock_guard lock{mutex_};
  const auto member = find_group(by.topic, by.group);
  if (!member) return member.error();
  auto& pending = member->group->pending();
  const auto instant = clock_.instant();
  std::vector<std::pair<PendingEntry, model::Fields>> found;
  std::vector<StreamId> deleted;
  std::string value;
  while (found.size() + deleted.size() < count) {
    auto entry = pending.next_idle(after, idle_by);
    if (!entry) break;
    const auto stored = StoredEntry::read(*storage_, member->topic->stream.number(), entry->id, value);
    if (!stored) return stored.error();
    after = entry->id;
    // What retention has dropped may still be there to be read, until its file goes.
    if (!*stored || entry->id < member->topic->stream.first_id()) {
      deleted.push_back(entry->id);
      continue;
    }
    auto fields = model::Fields::from_bytes(std::string{(*stored)->fields});
    if (!fields) return fail(fields.error().code, fields.error().message, "entry " + entry->id.text());
    found.emplace_back(std::move(*entry), std::move(*fields));
  }

  auto& effects = begin();
  const auto consumer = member->group->join(by.consumer, effects);
  member->group->note_seen(consumer, instant);
  const auto token = random_.next() | 1;  // never 0
  for (const auto id : deleted) pending.remove(id, effects);
  model::Batch batch;
  for (auto& [entry, fields] : found) {
    entry.consumer = consumer;
    entry.token = token;
    ++entry.deliveries;
    entry.handed_over = clock_.now();
    entry.idle_since = instant;
    batch.deliveries.push_back(delivery_of(entry, std::move(fields)));
    pending.update(std::move(entry), effects);
  }
  pending.write_changes(effects);
  counters_.claimed += batch.deliveries.size();
  batch.lsn = sequence();
  return batch;
}

Result<Lsn> Engine::record_attempt(const Subscription& by, StreamId id, std::uint64_t token, std::uint32_t attempt) {
  TIDEMARK_TRY(storage_->writable());
  const std::lock_guard lock{mutex_};
  const auto member = find_group(by.topic, by.group);
  if (!member) return member.error();
  auto& pending = member->group->pending();
  auto entry = pending.find(id);
  if (!entry || entry->token != token || entry->consumer != member->group->consumer(by.consumer)) {
    ++counters_.fenced;
    return not_ours(by, id);
  }
  entry->attempts = attempt;
  entry->suspect = false;
  entry->retry_at.reset();
  entry->idle_since = clock_.instant();
  auto& effects = begin();
  pending.update(std::move(*entry), effects);
  pending.write_changes(effects);
  return sequence();
}

Result<std::vector<StreamId>> Engine::extend_leases(const Subscription& by,
                                                    std::span<const std::pair<StreamId, std::uint64_t>> deliveries) {
  const std::lock_guard lock{mutex_};
  const auto member = find_group(by.topic, by.group);
  if (!member) return member.error();
  auto& pending = member->group->pending();
  const auto instant = clock_.instant();
  const auto consumer = member->group->consumer(by.consumer);
  if (consumer != 0) member->group->note_seen(consumer, instant);
  std::vector<StreamId> lost;
  for (const auto& [id, token] : deliveries) {
    if (consumer != 0 && pending.owns(id, token)) {
      pending.touch(id, instant);
    } else {
      lost.push_back(id);
    }
  }
  return lost;
}

Result<Counted> Engine::acknowledge(std::string_view topic, std::string_view group, std::span<const StreamId> ids) {
  TIDEMARK_TRY(storage_->writable());
  std::vector<Wake> wakes;
  Counted acknowledged;
  {
    const std::lock_guard lock{mutex_};
    const auto member = find_group(topic, group);
    if (!member) return member.error();
    auto& pending = member->group->pending();
    const auto pending_before = pending.size();
    auto& effects = begin();
    for (const auto id : ids) acknowledged.count += pending.remove(id, effects);
    pending.write_changes(effects);
    wake_if_relieved(*member->topic, *member->group, pending_before, wakes);
    counters_.acknowledged += acknowledged.count;
    acknowledged.lsn = sequence();
  }
  for (const auto& wake : wakes) wake();
  return acknowledged;
}

}  // namespace tidemark::engine
