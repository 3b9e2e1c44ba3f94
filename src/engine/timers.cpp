#include "engine/timers.hpp"

#include <algorithm>

#include "engine/document_key.hpp"
#include "engine/keyspace.hpp"
#include "engine/partition_key.hpp"
#include "model/varint.hpp"

namespace tidemark::engine {
namespace {

constexpr std::size_t NAME_BYTES_MAX = 512;
constexpr std::size_t LISTED_BYTES_MAX = 16 << 20;  // 16 MiB of events for one answer

// Two records for each timer: one by name, which says when it is due, and one by that time, which holds the event.
constexpr char BY_NAME = 'n', BY_TIME = 't';

std::string timer_prefix(char kind) { return {static_cast<char>(Space::timers), kind}; }

std::string name_key(const model::Partition& partition, std::string_view name) {
  auto key = timer_prefix(BY_NAME);
  append_partition(key, partition);
  return key.append(name);
}

std::string time_prefix(TimePoint due) {
  auto key = timer_prefix(BY_TIME);
  append_time(key, due);
  return key;
}

std::string time_key(TimePoint due, const model::Partition& partition, std::string_view name) {
  auto key = time_prefix(due);
  append_partition(key, partition);
  return key.append(name);
}

Failure unreadable(std::string_view name) {
  return fail(ErrorCode::corrupt, "the stored timer can't be read; restore the data directory from a copy",
              "timer '" + std::string{name} + "'");
}

Result<TimePoint> due_of(std::string_view time_key) {
  time_key.remove_prefix(2);
  const auto due = take_time(time_key);
  if (!due) return unreadable("?");
  return *due;
}

Result<DueTimer> read_timer(std::string_view key, std::string_view stored) {
  key.remove_prefix(2);
  const auto due = take_time(key);
  auto partition = take_partition(key);
  const auto topic = model::take_bytes(stored);
  if (!due || !partition || !topic) return unreadable(key);
  auto fields = model::Fields::from_bytes(std::string{stored});
  if (!fields) return unreadable(key);
  return DueTimer{std::move(*partition), std::string{key}, std::string{*topic}, std::move(*fields), *due};
}

Result<void> check_change(const model::TimerChange& change) {
  const auto about = "timer '" + change.name + "'";
  if (change.name.empty() || change.name.size() > NAME_BYTES_MAX) {
    return fail(ErrorCode::invalid, detail::concatenate("a timer's name has 1 to ", NAME_BYTES_MAX, " bytes"), about);
  }
  if (change.due && change.topic.empty()) return fail(ErrorCode::invalid, "has no topic to publish to", about);
  return {};
}

}  // namespace

Result<void> Timers::load() {
  auto first = storage_.cursor(timer_prefix(BY_TIME), end_of_prefix(timer_prefix(BY_TIME)));
  first.seek_first();
  next_due_.reset();
  if (!first.valid()) return first.status();
  const auto due = due_of(first.key());
  if (!due) return due.error();
  next_due_ = *due;
  return {};
}

Result<void> Timers::check(const model::Commit& commit) {
  changes_.clear();
  if (commit.timers.empty()) return {};
  TIDEMARK_TRY(check_partition(commit.partition));
  by_name_.clear();
  for (const auto& timer : commit.timers) {
    TIDEMARK_TRY(check_change(timer));
    const auto [known, is_new] = by_name_.try_emplace(std::string_view{timer.name}, changes_.size());
    if (!is_new) {
      changes_[known->second].last = &timer;
      continue;
    }
    Change change{.name_key = name_key(commit.partition, timer.name), .last = &timer};
    const auto found = storage_.get(change.name_key, value_);
    if (!found) return found.error();
    std::string_view stored{value_};
    if (*found && !(change.due_before = take_time(stored))) return unreadable(timer.name);
    changes_.push_back(std::move(change));
  }
  return {};
}

void Timers::apply(const model::Commit& commit, storage::Batch& batch) {
  for (const auto& change : changes_) {
    const auto& timer = *change.last;
    if (change.due_before) batch.erase(time_key(*change.due_before, commit.partition, timer.name));
    if (!timer.due) {
      if (change.due_before) batch.erase(change.name_key);
      continue;
    }
    value_.clear();
    append_time(value_, *timer.due);
    batch.put(change.name_key, value_);
    value_.clear();
    model::append_bytes(value_, timer.topic);
    value_.append(timer.fields.bytes());
    batch.put(time_key(*timer.due, commit.partition, timer.name), value_);
    next_due_ = next_due_ ? std::min(*next_due_, *timer.due) : *timer.due;
  }
  changes_.clear();
}

Result<std::vector<model::Timer>> Timers::list(const std::optional<model::TimerPlace>& after, std::size_t limit) const {
  std::string first = timer_prefix(BY_TIME);
  if (after) first = time_key(after->due, after->partition, after->name) + '\0';  // the lowest key behind it
  std::vector<model::Timer> timers;
  std::size_t bytes = 0;
  auto at = storage_.cursor(first, end_of_prefix(timer_prefix(BY_TIME)));
  for (at.seek_first(); at.valid() && timers.size() < limit && bytes < LISTED_BYTES_MAX; at.next()) {
    auto timer = read_timer(at.key(), at.value());
    if (!timer) return timer.error();
    bytes += timer->fields.bytes().size();
    timers.push_back({.place = {timer->due, std::move(timer->partition), std::move(timer->name)},
                      .topic = std::move(timer->topic),
                      .fields = std::move(timer->fields)});
  }
  TIDEMARK_TRY(at.status());
  return timers;
}

Result<std::vector<DueTimer>> Timers::take_due(TimePoint now, std::size_t limit, storage::Batch& batch) {
  std::vector<DueTimer> taken;
  if (!next_due_ || *next_due_ > now) return taken;
  // Not from the beginning of the space: what was taken before lies there as tombstones, and there may be many.
  auto at = storage_.cursor(time_prefix(*next_due_), end_of_prefix(timer_prefix(BY_TIME)));
  for (at.seek_first(); at.valid(); at.next()) {
    const auto due = due_of(at.key());
    if (!due) return due.error();
    if (*due > now || taken.size() == limit) {
      next_due_ = *due;
      return taken;
    }
    auto timer = read_timer(at.key(), at.value());
    if (!timer) return timer.error();
    batch.erase(at.key());
    batch.erase(name_key(timer->partition, timer->name));
    taken.push_back(std::move(*timer));
  }
  TIDEMARK_TRY(at.status());
  next_due_.reset();
  return taken;
}

}  // namespace tidemark::engine
