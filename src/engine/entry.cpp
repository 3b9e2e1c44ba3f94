#include "engine/entry.hpp"

#include "model/varint.hpp"

namespace tidemark::engine {
namespace {

constexpr std::size_t ID_OFFSET = 1 + 4;  // behind the space's byte and the topic's number

}  // namespace

Key StoredEntry::key_behind(std::uint32_t topic, StreamId last) {
  return last == StreamId::max() ? Key{Space::entries}.u32(topic + 1) : key(topic, last.next());
}

Result<StoredEntry> StoredEntry::parse(StreamId id, std::string_view value) {
  const auto ordinal = model::take_varint(value);
  const auto bytes_added = model::take_varint(value);
  if (!ordinal || !bytes_added)
    return fail(ErrorCode::corrupt, "the stored entry is cut short; restore the data directory from a backup",
                id.text());
  return StoredEntry{id, *ordinal, *bytes_added, value};
}

Result<std::optional<StoredEntry>> StoredEntry::read(const storage::Storage& storage, std::uint32_t topic, StreamId id,
                                                     std::string& value) {
  const auto there = storage.get(key(topic, id), value);
  if (!there) return there.error();
  if (!*there) return std::optional<StoredEntry>{};
  auto entry = parse(id, value);
  if (!entry) return entry.error();
  return std::optional{*entry};
}

EntryCursor::EntryCursor(const storage::Storage& storage, std::uint32_t topic, StreamId first, StreamId last,
                         bool reverse)
    : cursor_{first <= last ? storage.cursor(StoredEntry::key(topic, first), StoredEntry::key_behind(topic, last))
                            : storage.cursor(StoredEntry::key(topic, first), StoredEntry::key(topic, first))},
      reverse_{reverse} {
  reverse ? cursor_.seek_last() : cursor_.seek_first();
}

Result<std::optional<StoredEntry>> EntryCursor::entry() const {
  if (!cursor_.valid()) {
    TIDEMARK_TRY(cursor_.status());
    return std::optional<StoredEntry>{};
  }
  auto entry = StoredEntry::parse(read_id(cursor_.key(), ID_OFFSET), cursor_.value());
  if (!entry) return entry.error();
  return std::optional{*entry};
}

void EntryCursor::next() { reverse_ ? cursor_.previous() : cursor_.next(); }

}  // namespace tidemark::engine
