#include "engine/pending_list.hpp"

#include <algorithm>

#include "engine/entry.hpp"
#include "engine/keyspace.hpp"
#include "engine/record.hpp"
#include "engine/stream.hpp"

namespace tidemark::engine {
namespace {

constexpr std::size_t ID_OFFSET = 1 + 4;  // behind the space's byte and the group's number

std::string about(std::uint32_t group, StreamId id) {
  return "pending record " + id.text() + " of group " + std::to_string(group);
}

}  // namespace

// --- Looking up ---

template <class RangeMap>
auto PendingList::locate(RangeMap& ranges, StreamId id) {
  auto range = ranges.upper_bound(id);
  using SlotPointer = decltype(range->second.slots.data());
  if (range == ranges.begin()) return std::pair{range, SlotPointer{nullptr}};
  --range;
  auto& slots = range->second.slots;
  const auto slot =
      std::lower_bound(slots.begin(), slots.end(), id, [](const Slot& s, StreamId i) { return s.id < i; });
  const bool pending = slot != slots.end() && slot->id == id && !range->second.is_settled(*slot);
  return std::pair{range, pending ? &*slot : SlotPointer{nullptr}};
}

bool PendingList::owns(StreamId id, std::uint64_t token) const {
  if (const auto single = singles_.find(id); single != singles_.end()) return single->second.token == token;
  const auto [range, slot] = locate(ranges_, id);
  return slot && range->second.hand_over.token == token;
}

std::optional<PendingEntry> PendingList::find(StreamId id) const {
  if (const auto single = singles_.find(id); single != singles_.end()) return single->second;
  const auto [range, slot] = locate(ranges_, id);
  if (!slot) return std::nullopt;
  return describe(range->second, *slot);
}

PendingEntry PendingList::describe(const Range& range, const Slot& slot) const {
  return {.id = slot.id,
          .consumer = range.hand_over.consumer,
          .token = range.hand_over.token,
          .handed_over = range.hand_over.now,
          .idle_since = slot.idle_since,
          .suspect = range.hand_over.suspect};
}

std::uint64_t PendingList::size_of(std::uint32_t consumer) const {
  const auto found = sizes_.find(consumer);
  return found == sizes_.end() ? 0 : found->second;
}

std::optional<PendingEntry> PendingList::next_in_ranges(StreamId after) const {
  auto range = ranges_.upper_bound(after);
  if (range != ranges_.begin() && std::prev(range)->second.last > after) --range;
  for (; range != ranges_.end(); ++range)
    for (const auto& slot : range->second.slots)
      if (slot.id > after && !range->second.is_settled(slot)) return describe(range->second, slot);
  return std::nullopt;
}

std::optional<PendingEntry> PendingList::next(StreamId after) const {
  auto in_range = next_in_ranges(after);
  const auto single = singles_.upper_bound(after);
  if (single == singles_.end() || (in_range && in_range->id < single->first)) return in_range;
  return single->second;
}

std::optional<PendingEntry> PendingList::next_idle(StreamId after, Instant idle_by) {
  std::optional<PendingEntry> found;
  auto range = ranges_.upper_bound(after);
  if (range != ranges_.begin() && std::prev(range)->second.last > after) --range;
  for (; range != ranges_.end() && !found; ++range) {
    auto& [first, entries] = *range;
    if (entries.idle_floor > idle_by) continue;
    auto floor = Instant::max();
    for (const auto& slot : entries.slots) {
      if (entries.is_settled(slot)) continue;
      floor = std::min(floor, slot.idle_since);
      if (slot.id <= after || slot.idle_since > idle_by) continue;
      found = describe(entries, slot);
      break;
    }
    if (!found) entries.idle_floor = floor;  // so that the next look skips the range
  }
  const auto end = found ? singles_.lower_bound(found->id) : singles_.end();
  for (auto single = singles_.upper_bound(after); single != end; ++single)
    if (single->second.idle_since <= idle_by) return single->second;
  return found;
}

// --- Changing ---

void PendingList::count(std::uint32_t consumer, std::int64_t entries) {
  size_ += static_cast<std::uint64_t>(entries);
  sizes_[consumer] += static_cast<std::uint64_t>(entries);
}

void PendingList::add(std::span<const Handed> entries, const HandOver& hand_over, Effects& effects) {
  for (std::size_t i = 0; i < entries.size();) {
    if (!ranges_.empty() && entries[i].id <= ranges_.rbegin()->second.last) {
      // The group's cursor was set back: what lies between other ranges goes by itself.
      update({.id = entries[i].id,
              .consumer = hand_over.consumer,
              .token = hand_over.token,
              .handed_over = hand_over.now,
              .idle_since = hand_over.instant,
              .suspect = hand_over.suspect},
             effects);
      ++i;
      continue;
    }
    Range range{.first_ordinal = entries[i].ordinal, .hand_over = hand_over, .changed = true};
    range.idle_floor = hand_over.instant;
    const auto first = entries[i].id;
    const auto end = std::min(entries.size(), i + RANGE_MAX);
    range.slots.reserve(end - i);
    for (; i < end && entries[i].ordinal - range.first_ordinal < RANGE_MAX; ++i) {
      if (const auto single = singles_.find(entries[i].id); single != singles_.end()) remove(entries[i].id, effects);
      const auto offset = static_cast<std::uint32_t>(entries[i].ordinal - range.first_ordinal);
      range.slots.push_back({entries[i].id, hand_over.instant, offset});
      range.last = entries[i].id;
    }
    range.live = static_cast<std::uint32_t>(range.slots.size());
    count(hand_over.consumer, range.live);
    changed_.push_back(ranges_.emplace_hint(ranges_.end(), first, std::move(range)));
  }
}

void PendingList::settle(Ranges::iterator range, const Slot& slot) {
  range->second.settled[slot.offset / 64] |= std::uint64_t{1} << (slot.offset % 64);
  --range->second.live;
  count(range->second.hand_over.consumer, -1);
  if (!range->second.changed) changed_.push_back(range);
  range->second.changed = true;
}

void PendingList::update(PendingEntry entry, Effects& effects) {
  write_single(entry, effects);
  if (const auto single = singles_.find(entry.id); single != singles_.end()) {
    count(single->second.consumer, -1);
    count(entry.consumer, 1);
    single->second = std::move(entry);
    return;
  }
  if (const auto [range, slot] = locate(ranges_, entry.id); slot) settle(range, *slot);
  count(entry.consumer, 1);
  const auto id = entry.id;
  singles_.emplace(id, std::move(entry));
}

void PendingList::touch(StreamId id, Instant instant) {
  if (const auto single = singles_.find(id); single != singles_.end()) single->second.idle_since = instant;
  if (const auto [range, slot] = locate(ranges_, id); slot) slot->idle_since = instant;
}

bool PendingList::remove(StreamId id, Effects& effects) {
  if (const auto single = singles_.find(id); single != singles_.end()) {
    effects.batch.erase(Key{Space::pending}.u32(group_).id(id));
    count(single->second.consumer, -1);
    singles_.erase(single);
    return true;
  }
  const auto [range, slot] = locate(ranges_, id);
  if (slot) settle(range, *slot);
  return slot != nullptr;
}

// --- Records ---

void PendingList::write_changes(Effects& effects) {
  for (const auto changed : changed_) {
    auto& [first, range] = *changed;
    const auto key = Key{Space::ranges}.u32(group_).id(first);
    range.changed = false;
    if (range.live == 0) {
      effects.batch.erase(key);
      ranges_.erase(changed);
      continue;
    }
    effects.value.clear();
    append_range(first, range, effects.value);
    effects.batch.put(key, effects.value);
  }
  changed_.clear();
}

void PendingList::append_range(StreamId first, const Range& range, std::string& out) const {
  const auto span = range.slots.back().offset + 1;
  RecordWriter{out}
      .number(range.last.ms - first.ms)
      .number(range.last.seq)
      .number(range.first_ordinal)
      .number(span)
      .number(range.hand_over.consumer)
      .time(range.hand_over.now)
      .number(range.hand_over.token);
  for (std::uint32_t bit = 0; bit < span; bit += 8)
    out.push_back(static_cast<char>(range.settled[bit / 64] >> (bit % 64)));
}

void PendingList::write_single(const PendingEntry& entry, Effects& effects) const {
  effects.value.clear();
  RecordWriter{effects.value}
      .number(entry.consumer)
      .time(entry.handed_over)
      .number(entry.token)
      .number(entry.deliveries)
      .number(entry.attempts)
      .number(entry.retry_at ? 1 : 0)
      .time(entry.retry_at.value_or(TimePoint{}))
      .bytes(entry.last_error);
  effects.batch.put(Key{Space::pending}.u32(group_).id(entry.id), effects.value);
}

Result<void> PendingList::load(const storage::Storage& storage, const Stream& stream, const Clock& clock,
                               bool suspect) {
  const auto idle_since = [&, now = clock.now(), instant = clock.instant()](TimePoint handed_over) {
    return instant - std::max(now - handed_over, Duration{0});
  };
  for (const auto space : {Space::ranges, Space::pending}) {
    auto cursor = storage.cursor(Key{space}.u32(group_), Key{space}.u32(group_ + 1));
    for (cursor.seek_first(); cursor.valid(); cursor.next()) {
      const auto id = read_id(cursor.key(), ID_OFFSET);
      TIDEMARK_TRY(space == Space::ranges ? load_range(storage, stream, id, cursor.value(), suspect)
                                          : load_single(id, cursor.value(), suspect));
    }
    TIDEMARK_TRY(cursor.status());
  }
  for (auto& [first, range] : ranges_) {
    range.idle_floor = idle_since(range.hand_over.now);
    for (auto& slot : range.slots) slot.idle_since = range.idle_floor;
  }
  for (auto& [id, entry] : singles_) entry.idle_since = idle_since(entry.handed_over);
  return {};
}

Result<void> PendingList::load_range(const storage::Storage& storage, const Stream& stream, StreamId first,
                                     std::string_view record, bool suspect) {
  RecordReader reader{record};
  Range range{.hand_over = {.suspect = suspect}};
  range.last.ms = first.ms + reader.number();
  range.last.seq = reader.number();
  range.first_ordinal = reader.number();
  const auto span = reader.number();
  range.hand_over.consumer = reader.number32();
  range.hand_over.now = reader.time();
  range.hand_over.token = reader.number();
  TIDEMARK_TRY(reader.status(about(group_, first)));
  const auto bits = reader.rest();
  if (span == 0 || span > RANGE_MAX || bits.size() != (span + 7) / 8)
    return fail(ErrorCode::corrupt, "the stored record is malformed; restore the data directory from a backup",
                about(group_, first));
  for (std::size_t i = 0; i < bits.size(); ++i)
    range.settled[i / 8] |= std::uint64_t{static_cast<unsigned char>(bits[i])} << (i % 8 * 8);

  for (EntryCursor cursor{storage, stream.number(), std::max(first, stream.first_id()), range.last};; cursor.next()) {
    const auto entry = cursor.entry();
    if (!entry) return entry.error();
    if (!*entry) break;
    const Slot slot{(*entry)->id, {}, static_cast<std::uint32_t>((*entry)->ordinal - range.first_ordinal)};
    if (slot.offset < span && !range.is_settled(slot)) range.slots.push_back(slot);
  }
  range.live = static_cast<std::uint32_t>(range.slots.size());
  count(range.hand_over.consumer, range.live);
  const auto loaded = ranges_.emplace_hint(ranges_.end(), first, std::move(range));
  if (loaded->second.live > 0) return {};
  loaded->second.changed = true;  // all were deleted meanwhile: its record goes with the next change
  changed_.push_back(loaded);
  return {};
}

Result<void> PendingList::load_single(StreamId id, std::string_view record, bool suspect) {
  RecordReader reader{record};
  PendingEntry entry{.id = id, .suspect = suspect};
  entry.consumer = reader.number32();
  entry.handed_over = reader.time();
  entry.token = reader.number();
  entry.deliveries = reader.number32();
  entry.attempts = reader.number32();
  const bool has_retry = reader.number() != 0;
  const auto retry_at = reader.time();
  if (has_retry) entry.retry_at = retry_at;
  entry.last_error = reader.bytes();
  TIDEMARK_TRY(reader.status(about(group_, id)));
  count(entry.consumer, 1);
  singles_.emplace_hint(singles_.end(), id, std::move(entry));
  return {};
}

}  // namespace tidemark::engine
