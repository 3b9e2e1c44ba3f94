// RecentEntries: the last entries of a stream, in memory, so that a group that keeps up is handed them without a look
// at the storage. At most 128 KiB of fields for each topic, and for all of them together what their Room has.
//
// Not thread-safe: under the engine's lock.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "base/stream_id.hpp"
#include "engine/stream.hpp"
#include "model/fields.hpp"

namespace tidemark::engine {

class RecentEntries {
 public:
  struct Entry {
    StreamId id;
    model::Fields fields;
  };
  // How many entries the topics of an engine may have here besides those that they have: 32 MiB of fields at most.
  struct Room {
    std::size_t entries = 32 * 1024;
  };

  explicit RecentEntries(std::shared_ptr<Room> room) : room_{std::move(room)} {}
  ~RecentEntries() { clear(); }
  RecentEntries(const RecentEntries&) = delete;
  RecentEntries& operator=(const RecentEntries&) = delete;

  // The entry that was just appended to the stream.
  void append(const Stream& stream, const model::Fields& fields);
  // Whether all of the stream's entries with higher ordinals than this one are here.
  bool reach(const Stream& stream, std::uint64_t ordinal) const {
    return last_ == stream.entries_added() && generation_ == stream.generation() && ordinal + 1 >= first_;
  }
  // One with an ordinal that reach() has said yes for, up to the stream's last.
  const Entry& at(std::uint64_t ordinal) const { return slots_[ordinal % SLOTS]; }
  // Forgets them, and gives their memory back.
  void clear();

 private:
  static constexpr std::size_t SLOTS = 128;
  static constexpr std::size_t FIELD_BYTES_MAX = 1024;  // larger ones are read from the storage, as are those before

  bool has_slot(std::uint64_t ordinal);

  const std::shared_ptr<Room> room_;
  std::vector<Entry> slots_;               // by the ordinal's remainder; kept for their memory
  std::uint64_t first_ = 1, last_ = 0;     // the ordinals that are here
  std::uint64_t generation_ = UINT64_MAX;  // of the stream that they are of: holes make ordinals unknown
};

}  // namespace tidemark::engine
