// Stream: the entries of one topic. They live on disk; in memory there is only where the stream begins and ends.
//
// Every entry carries its ordinal (the how-manieth it was) and the bytes added up to and with it, so that length, size
// and lag are differences of two entries' numbers, less what was deleted between them (holes). Appending writes the
// entry and nothing else; a restart reads the first and the last entry. The numbers that the entries cannot tell are
// in the topic's record, which is rewritten when entries are dropped. docs/formats/storage.md has the grammar.
//
// Not thread-safe: under the engine's lock, but for the functions that say otherwise.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "base/stream_id.hpp"
#include "engine/effects.hpp"
#include "engine/entry.hpp"
#include "engine/record.hpp"
#include "model/fields.hpp"
#include "storage/storage.hpp"
#include "tidemark/time.hpp"

namespace tidemark::engine {

// A prefix of the stream that may be dropped: everything below `first`.
struct Prefix {
  std::uint64_t generation = 0;  // of the stream that it was measured on
  std::uint64_t count = 0;       // entries in it
  std::uint64_t bytes = 0;       // of them
  StreamId first;                // the first entry that stays, or an id above the last one
  std::uint64_t first_ordinal = 0;
  std::uint64_t bytes_before = 0;  // added before `first`
};

// What to keep; each limit alone suffices to drop an entry, but none is dropped at or above `floor`.
struct Keep {
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t> bytes;
  StreamId from = StreamId::min();
  StreamId floor = StreamId::max();
};

// Entries to be erased from anywhere in the stream, and where it begins without them.
struct Erasure {
  std::vector<StreamId> ids;  // those that there are, each once, in their order
  std::uint64_t bytes = 0;    // of them
  StreamId first;             // as in Prefix
  std::uint64_t first_ordinal = 0;
  std::uint64_t bytes_before = 0;
};

// How far into the stream an id is.
struct Place {
  std::uint64_t ordinal = 0;      // of the last entry at or below the id
  std::uint64_t holes_ahead = 0;  // entries deleted behind that
};

class Stream {
 public:
  // A new, empty stream of the topic `number`.
  explicit Stream(std::uint32_t number) : number_{number} {}

  // The part of the topic's record that is the stream's.
  void append_record(RecordWriter& record) const;
  // Reads that part, and the stream's two ends from storage.
  static Result<Stream> load(const storage::Storage& storage, RecordReader& record);

  std::uint32_t number() const { return number_; }
  std::uint64_t length() const { return added_ + 1 - first_ordinal_ - holes_; }
  std::uint64_t bytes() const { return bytes_added_ - bytes_before_first_ - hole_bytes_; }
  std::uint64_t entries_added() const { return added_; }
  std::uint64_t first_ordinal() const { return first_ordinal_; }
  std::uint64_t holes() const { return holes_; }
  StreamId first_id() const { return first_id_; }      // no entry is below it
  StreamId last_id() const { return last_id_; }        // the last one given out
  StreamId last_entry() const { return last_entry_; }  // the last entry's; higher at most by entries that were erased
  StreamId max_deleted_id() const { return max_deleted_; }
  std::uint64_t generation() const { return generation_; }  // rises whenever entries are dropped

  // The id for the next entry behind `last`: "<now>-0", or the one after `last` where the clock is not ahead of it.
  // With `wanted`: that one, which must be above `last` and below 2^64-1 milliseconds, so
  // that an id can always be given out. `invalid` says so.
  static Result<StreamId> id_after(StreamId last, std::optional<StreamId> wanted, TimePoint now);
  // `id` is above the last one.
  void append(StreamId id, const model::Fields& fields, Effects& effects);
  // Passes ids over: the next one is above `id`, which is at or above the last one. The topic's record must follow.
  void move_last_id(StreamId id);

  // Looks up entries to be erased. `ids` may repeat and may name entries that there are not.
  Result<Erasure> find(const storage::Storage& storage, std::span<const StreamId> ids) const;
  // Erases what was found on this very stream. The topic's record must follow.
  void erase(const Erasure& erasure, Effects& effects);

  // Measures what `keep` lets go, looking at no more than `limit` entries. Any thread may do it on a copy of the
  // stream.
  Result<Prefix> measure(const storage::Storage& storage, const Keep& keep, std::uint64_t limit) const;
  // Drops what was measured on this generation. The topic's record must follow.
  Result<void> drop(const storage::Storage& storage, const Prefix& prefix, Effects& effects);

  Result<Place> place_of(const storage::Storage& storage, StreamId id) const;

 private:
  StreamId above_last() const { return last_id_ == StreamId::max() ? last_id_ : last_id_.next(); }

  std::uint32_t number_;
  StreamId first_id_{0, 1}, last_id_, last_entry_, max_deleted_;
  std::uint64_t added_ = 0, bytes_added_ = 0;                 // since the topic's creation
  std::uint64_t first_ordinal_ = 1, bytes_before_first_ = 0;  // added_ + 1 when there is none
  std::uint64_t holes_ = 0, hole_bytes_ = 0;                  // deleted from between first and last
  std::uint64_t generation_ = 0;
};

}  // namespace tidemark::engine
