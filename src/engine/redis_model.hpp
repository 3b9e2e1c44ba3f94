// RedisModel: topics and groups as Redis's documentation describes them, in the simplest way. Tests compare with it.
#pragma once
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/stream_id.hpp"
#include "model/fields.hpp"

namespace tidemark::engine {

struct ModelPending {
  std::string consumer;
  std::uint64_t token = 0;
  std::uint32_t deliveries = 1, attempts = 0;
  TimePoint handed_over{};
  Instant idle_since{};
  bool suspect = false;
  std::optional<TimePoint> retry_at;
  std::string error;
};

struct ModelGroup {
  StreamId cursor;
  std::map<StreamId, ModelPending> pending;
  std::set<std::string> consumers;
  StreamId suspect_up_to;

  StreamId needs() const { return pending.empty() ? cursor.next() : std::min(pending.begin()->first, cursor.next()); }
};

struct ModelTopic {
  std::map<StreamId, model::Fields> entries;
  StreamId last, max_deleted;
  std::vector<StreamId> added_ids;  // of all entries that there ever were
  std::map<std::string, ModelGroup> groups;

  StreamId next_id(TimePoint now) const {
    const StreamId by_clock{static_cast<std::uint64_t>(now.time_since_epoch().count()), 0};
    return by_clock.ms > last.ms ? by_clock : last.next();
  }
  void append(StreamId id, const model::Fields& fields) {
    entries[id] = fields;
    last = id;
    added_ids.push_back(id);
  }
  std::uint64_t erase(const std::vector<StreamId>& ids) {
    std::uint64_t erased = 0;
    for (const auto id : ids) {
      if (entries.erase(id) == 0) continue;
      max_deleted = std::max(max_deleted, id);
      ++erased;
    }
    return erased;
  }
  std::uint64_t trim(std::optional<std::uint64_t> length, StreamId from, bool force) {
    auto floor = StreamId::max();
    for (const auto& [name, group] : groups) floor = std::min(floor, group.needs());
    std::uint64_t dropped = 0;
    while (!entries.empty()) {
      const auto oldest = entries.begin()->first;
      if (!force && oldest >= floor) break;
      if (oldest >= from && !(length && entries.size() > *length)) break;
      entries.erase(oldest);
      ++dropped;
    }
    return dropped;
  }
  std::uint64_t bytes() const {
    std::uint64_t total = 0;
    for (const auto& [id, fields] : entries) total += sizeof id + fields.bytes().size();
    return total;
  }
  std::vector<StreamId> above(StreamId id) const {
    std::vector<StreamId> ids;
    for (auto entry = entries.upper_bound(id); entry != entries.end(); ++entry) ids.push_back(entry->first);
    return ids;
  }
  // Of the 1024 behind the cursor, or behind what was dropped from the beginning.
  StreamId last_suspect(StreamId cursor) const {
    auto first = std::upper_bound(added_ids.begin(), added_ids.end(), cursor);
    if (entries.empty()) {
      first = added_ids.end();
    } else if (cursor < entries.begin()->first) {
      first = std::lower_bound(added_ids.begin(), added_ids.end(), entries.begin()->first);
    }
    const auto count = std::min<std::ptrdiff_t>(1024, added_ids.end() - first);
    return first + count == added_ids.begin() ? StreamId{} : *(first + count - 1);
  }
  // The process ends and begins anew; nothing is lost.
  void reopen(bool clean, const Clock& clock) {
    for (auto& [name, group] : groups) {
      group.suspect_up_to = clean ? StreamId{} : last_suspect(group.cursor);
      // An entry of a hand-over that was deleted is settled when the group is read back, unless it had its own record.
      for (auto& [id, entry] : group.pending) {
        entry.suspect = !clean;
        entry.idle_since = clock.instant() - std::max(clock.now() - entry.handed_over, Duration{0});
      }
      // Who holds nothing is forgotten: here, unlike Redis, all who read have ended with the process.
      std::erase_if(group.consumers, [&group](const auto& consumer) {
        return std::ranges::none_of(group.pending,
                                    [&](const auto& entry) { return entry.second.consumer == consumer; });
      });
    }
  }
};

}  // namespace tidemark::engine
