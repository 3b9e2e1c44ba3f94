// Entries as they are stored: by topic and id, with their place in the stream. docs/formats/storage.md has the grammar.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/stream_id.hpp"
#include "engine/keyspace.hpp"
#include "storage/storage.hpp"

namespace tidemark::engine {

// `fields` points into what the entry was read from.
struct StoredEntry {
  StreamId id;
  std::uint64_t ordinal = 0;      // the how-manieth of the stream it is, from 1
  std::uint64_t bytes_added = 0;  // of all entries up to and with this one
  std::string_view fields;

  std::uint64_t bytes() const { return bytes_of(fields.size()); }
  static std::uint64_t bytes_of(std::size_t fields_bytes) { return sizeof(StreamId) + fields_bytes; }

  static Key key(std::uint32_t topic, StreamId id) { return Key{Space::entries}.u32(topic).id(id); }
  // The key behind all entries of the topic up to `last`.
  static Key key_behind(std::uint32_t topic, StreamId last);
  static Result<StoredEntry> parse(StreamId id, std::string_view value);
  // Reads one entry into `value`, which the result points into.
  static Result<std::optional<StoredEntry>> read(const storage::Storage& storage, std::uint32_t topic, StreamId id,
                                                 std::string& value);
};

// Walks the entries of a stream, upwards or downwards. Any thread.
class EntryCursor {
 public:
  // Over the entries of `topic` in [first, last].
  EntryCursor(const storage::Storage& storage, std::uint32_t topic, StreamId first, StreamId last,
              bool reverse = false);
  // The entry that it stands on, or none behind the last one. `corrupt` and `io` name the entry.
  Result<std::optional<StoredEntry>> entry() const;
  void next();

 private:
  storage::Cursor cursor_;
  bool reverse_;
};

}  // namespace tidemark::engine
