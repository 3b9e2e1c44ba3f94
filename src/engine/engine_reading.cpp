// Engine: reading topics without a group, what they and their groups look like, and waiting for them.
#include <algorithm>

#include "engine/documents.hpp"
#include "engine/effects.hpp"
#include "engine/engine.hpp"
#include "engine/entry.hpp"
#include "engine/timers.hpp"
#include "engine/topics.hpp"

namespace tidemark::engine {
namespace {

// One answer holds no more than this, whatever the count: 16 MiB, sixteen entries of the default limit.
constexpr std::size_t READ_BYTES_MAX = 16ull << 20;
// Of counting one by one, at 1 to 2 us for an entry, and 1 ms for a MiB that is read.
constexpr std::uint64_t COUNT_STEP = 1'000;
constexpr std::size_t COUNT_STEP_BYTES = 2ull << 20;

Result<model::Entry> entry_of(const StoredEntry& stored) {
  auto fields = model::Fields::from_bytes(std::string{stored.fields});
  if (!fields) return fail(fields.error().code, fields.error().message, "entry " + stored.id.text());
  return model::Entry{stored.id, std::move(*fields)};
}

model::TopicInfo info_of(const Topic& topic) {
  const auto& stream = topic.stream;
  return {.name = topic.name,
          .length = stream.length(),
          .entries_added = stream.entries_added(),
          .bytes = stream.bytes(),
          .first_id = stream.length() > 0 ? stream.first_id() : StreamId{},
          .last_id = stream.last_id(),
          .max_deleted_id = stream.max_deleted_id(),
          .groups = static_cast<std::uint32_t>(topic.groups.size()),
          .retention = topic.retention};
}

}  // namespace

Result<std::vector<model::Entry>> Engine::read(std::string_view name, const Range& range) const {
  std::unique_lock lock{mutex_};
  const auto topic = find_topic(name);
  if (!topic) return topic.error();
  const auto stream = (*topic)->stream;
  lock.unlock();

  std::vector<model::Entry> entries;
  std::size_t bytes = 0;
  for (EntryCursor cursor{*storage_, stream.number(), std::max(range.first, stream.first_id()),
                          std::min(range.last, stream.last_id()), range.reverse};
       entries.size() < range.count && bytes < READ_BYTES_MAX; cursor.next()) {
    const auto stored = cursor.entry();
    if (!stored) return stored.error();
    if (!*stored) break;
    auto entry = entry_of(**stored);
    if (!entry) return entry.error();
    bytes += (*stored)->bytes();
    entries.push_back(std::move(*entry));
  }
  return entries;
}

Result<std::optional<model::Entry>> Engine::read_one(std::string_view topic, StreamId id) const {
  auto entries = read(topic, {.first = id, .last = id, .count = 1});
  if (!entries) return entries.error();
  if (entries->empty()) return std::optional<model::Entry>{};
  return std::optional{std::move(entries->front())};
}

Result<CountStep> Engine::count(std::string_view name, StreamId after, StreamId up_to, std::uint64_t at_most) const {
  std::unique_lock lock{mutex_};
  const auto topic = find_topic(name);
  if (!topic) return topic.error();
  const auto stream = (*topic)->stream;
  lock.unlock();

  CountStep step;
  if (after >= std::min(up_to, stream.last_id())) return step;
  if (stream.holes() == 0) {
    const auto begin = stream.place_of(*storage_, after);
    if (!begin) return begin.error();
    const auto end = stream.place_of(*storage_, up_to);
    if (!end) return end.error();
    step.count = end->ordinal - begin->ordinal;
    return step;
  }
  const auto limit = std::min(at_most, COUNT_STEP);
  std::size_t bytes = 0;
  for (EntryCursor cursor{*storage_, stream.number(), std::max(after.next(), stream.first_id()),
                          std::min(up_to, stream.last_id())};
       ; cursor.next()) {
    const auto entry = cursor.entry();
    if (!entry) return entry.error();
    if (!*entry) return step;
    if (step.count == limit || bytes >= COUNT_STEP_BYTES) break;
    ++step.count;
    bytes += (*entry)->bytes();
    after = (*entry)->id;
  }
  step.next = after;
  return step;
}

Result<model::DocumentCount> Engine::count_documents(const model::Partition& partition, std::string_view collection,
                                                     std::uint64_t at_most) const {
  return documents_->count(partition, collection, at_most);
}

Result<std::vector<model::Timer>> Engine::timers(const std::optional<model::TimerPlace>& after,
                                                 std::uint32_t count) const {
  return timers_->list(after, count);
}

std::vector<model::TopicInfo> Engine::topics() const {
  const std::lock_guard lock{mutex_};
  std::vector<model::TopicInfo> infos;
  for (const auto& [name, topic] : topics_->all()) infos.push_back(info_of(*topic));
  return infos;
}

Result<model::TopicInfo> Engine::topic(std::string_view name) const {
  const std::lock_guard lock{mutex_};
  const auto topic = find_topic(name);
  if (!topic) return topic.error();
  return info_of(**topic);
}

Result<std::vector<model::GroupInfo>> Engine::groups(std::string_view name) const {
  const std::lock_guard lock{mutex_};
  const auto topic = find_topic(name);
  if (!topic) return topic.error();
  std::vector<model::GroupInfo> infos;
  for (const auto& [group_name, group] : (*topic)->groups)
    infos.push_back({.topic = (*topic)->name,
                     .name = group_name,
                     .cursor = group->cursor(),
                     .pending = group->pending().size(),
                     .entries_read = group->entries_read(),
                     .lag = group->lag((*topic)->stream),
                     .consumers = group->consumers(clock_.instant())});
  std::sort(infos.begin(), infos.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return infos;
}

Result<std::vector<model::PendingInfo>> Engine::pending(std::string_view topic, std::string_view group, StreamId after,
                                                        std::uint32_t count) const {
  const std::lock_guard lock{mutex_};
  const auto member = find_group(topic, group);
  if (!member) return member.error();
  const auto& pending = std::as_const(*member->group).pending();
  const auto instant = clock_.instant();
  std::vector<model::PendingInfo> infos;
  for (auto entry = pending.next(after); entry && infos.size() < count; entry = pending.next(entry->id))
    infos.push_back({.id = entry->id,
                     .consumer = member->group->consumer_name(entry->consumer),
                     .idle = std::max(instant - entry->idle_since, Duration{0}),
                     .deliveries = entry->deliveries,
                     .attempts = entry->attempts,
                     .retry_at = entry->retry_at,
                     .last_error = entry->last_error});
  return infos;
}

Result<Counted> Engine::erase_entries(std::string_view name, std::span<const StreamId> ids) {
  TIDEMARK_TRY(storage_->writable());
  const std::lock_guard lock{mutex_};
  const auto topic = find_topic(name);
  if (!topic) return topic.error();
  const auto found = (*topic)->stream.find(*storage_, ids);
  if (!found) return found.error();
  begin();
  erase(**topic, *found);
  return Counted{found->ids.size(), sequence()};
}

// --- Waiting ---

Result<Watch> Engine::watch_topic(std::string_view name, StreamId after, std::function<void()> wake) {
  const std::lock_guard lock{mutex_};
  const auto topic = find_topic(name);
  if (!topic) return topic.error();
  const auto& stream = (*topic)->stream;
  bool there = after < stream.last_entry() && stream.length() > 0;
  if (there && after < stream.max_deleted_id()) {  // what was above it may be deleted
    const auto above = std::max(after.next(), stream.first_id());
    const auto entry = EntryCursor{*storage_, stream.number(), above, stream.last_id()}.entry();
    if (!entry) return entry.error();
    there = entry->has_value();
  }
  return there ? Watch{} : (*topic)->waiters.add(std::move(wake));
}

Result<Watch> Engine::watch_group(std::string_view topic, std::string_view group, std::function<void()> wake) {
  const std::lock_guard lock{mutex_};
  const auto member = find_group(topic, group);
  if (!member) return member.error();
  if (may_hand_over(*member->topic, *member->group)) return Watch{};
  return member->group->waiters.add(std::move(wake));
}

}  // namespace tidemark::engine
