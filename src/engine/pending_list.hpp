// PendingList: what a group has handed over and is not settled yet.
//
// Entries that were handed over together share one range record, with a bit for each that is settled; a settlement
// rewrites that one record, and the last one erases it. An entry that leaves this path (run again, claimed, its
// attempts counted) gets a record of its own. docs/formats/storage.md has the grammar. In memory: 40 bytes an entry.
//
// Not thread-safe: under the engine's lock. Changes reach `effects` with write_changes(), which must follow them.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/stream_id.hpp"
#include "engine/effects.hpp"

namespace tidemark::engine {

class Stream;

// All that is known of one pending entry.
struct PendingEntry {
  StreamId id;
  std::uint32_t consumer = 0;  // its number within the group
  std::uint64_t token = 0;
  std::uint32_t deliveries = 1;
  std::uint32_t attempts = 0;
  TimePoint handed_over{};
  Instant idle_since{};
  bool suspect = false;  // see model::Delivery
  std::optional<TimePoint> retry_at;
  std::string last_error;
};

// An entry that is about to be handed over, and its ordinal in the stream.
struct Handed {
  StreamId id;
  std::uint64_t ordinal = 0;
};

// Who hands over what, to whom and when: the same for all entries of one call.
struct HandOver {
  std::uint32_t consumer = 0;
  std::uint64_t token = 0;
  TimePoint now{};
  Instant instant{};
  bool suspect = false;
};

class PendingList {
 public:
  explicit PendingList(std::uint32_t group) : group_{group} {}

  // Reads the records of a group of that stream. Entries that are no longer in the stream count as settled. Idle
  // times go on from the hand-over by the time of day. `suspect` marks everything that was found.
  Result<void> load(const storage::Storage& storage, const Stream& stream, const Clock& clock, bool suspect);

  std::uint64_t size() const { return size_; }
  std::uint64_t size_of(std::uint32_t consumer) const;
  bool owns(StreamId id, std::uint64_t token) const;
  std::optional<PendingEntry> find(StreamId id) const;
  // The first one above `after`; of those idle since `idle_by` or longer.
  std::optional<PendingEntry> next(StreamId after) const;
  std::optional<PendingEntry> next_idle(StreamId after, Instant idle_by);

  // Takes in new entries, in their order, none of which is pending.
  void add(std::span<const Handed> entries, const HandOver& hand_over, Effects& effects);
  // Changes a pending entry; it has a record of its own from then on.
  void update(PendingEntry entry, Effects& effects);
  // Restarts the idle time, in memory only.
  void touch(StreamId id, Instant instant);
  // Settles an entry; false when it was not pending.
  bool remove(StreamId id, Effects& effects);

  void write_changes(Effects& effects);

 private:
  static constexpr std::size_t RANGE_MAX = 128;  // ordinals of one record: its bits take 16 bytes

  struct Slot {
    StreamId id;
    Instant idle_since;
    std::uint32_t offset = 0;  // of its ordinal from the range's first
  };
  struct Range {
    StreamId last;
    std::uint64_t first_ordinal = 0;
    HandOver hand_over;
    bool changed = false;
    std::uint32_t live = 0;
    Instant idle_floor{};  // no live slot is idle for longer
    std::array<std::uint64_t, RANGE_MAX / 64> settled{};
    std::vector<Slot> slots;

    bool is_settled(const Slot& slot) const { return settled[slot.offset / 64] >> (slot.offset % 64) & 1; }
  };
  using Ranges = std::map<StreamId, Range>;
  // The range and the slot of an entry that is pending there; no slot when it is not.
  template <class RangeMap>
  static auto locate(RangeMap& ranges, StreamId id);
  std::optional<PendingEntry> next_in_ranges(StreamId after) const;
  PendingEntry describe(const Range& range, const Slot& slot) const;
  void settle(Ranges::iterator range, const Slot& slot);
  void count(std::uint32_t consumer, std::int64_t entries);
  void write_single(const PendingEntry& entry, Effects& effects) const;
  void append_range(StreamId first, const Range& range, std::string& out) const;
  Result<void> load_range(const storage::Storage& storage, const Stream& stream, StreamId first,
                          std::string_view record, bool suspect);
  Result<void> load_single(StreamId id, std::string_view record, bool suspect);

  std::uint32_t group_;
  std::uint64_t size_ = 0;
  std::unordered_map<std::uint32_t, std::uint64_t> sizes_;  // by consumer
  Ranges ranges_;                                           // by their first id; they do not overlap
  std::map<StreamId, PendingEntry> singles_;
  std::vector<Ranges::iterator> changed_;
};

}  // namespace tidemark::engine
