#include "engine/stream.hpp"

#include <algorithm>

namespace tidemark::engine {
void Stream::append_record(RecordWriter& record) const {
  record.number(number_).id(first_id_).id(last_id_).id(max_deleted_);
  record.number(added_).number(bytes_added_).number(holes_).number(hole_bytes_);
}

Result<Stream> Stream::load(const storage::Storage& storage, RecordReader& record) {
  Stream stream{record.number32()};
  stream.first_id_ = record.id();
  stream.last_id_ = record.id();
  stream.max_deleted_ = record.id();
  stream.added_ = record.number(), stream.bytes_added_ = record.number();
  stream.holes_ = record.number(), stream.hole_bytes_ = record.number();
  if (!record.ok()) return stream;  // the caller says what the record was of

  auto last = EntryCursor{storage, stream.number_, stream.first_id_, StreamId::max(), true}.entry();
  if (!last) return last.error();
  if (*last) stream.last_entry_ = (*last)->id;
  if (*last && (*last)->id > stream.last_id_) {
    stream.last_id_ = (*last)->id;
    stream.added_ = (*last)->ordinal;
    stream.bytes_added_ = (*last)->bytes_added;
  }
  const EntryCursor cursor{storage, stream.number_, stream.first_id_, StreamId::max()};
  auto first = cursor.entry();
  if (!first) return first.error();
  stream.first_id_ = *first ? (*first)->id : stream.above_last();
  stream.first_ordinal_ = *first ? (*first)->ordinal : stream.added_ + 1;
  stream.bytes_before_first_ = *first ? (*first)->bytes_added - (*first)->bytes() : stream.bytes_added_;
  return stream;
}

Result<StreamId> Stream::id_after(StreamId last, std::optional<StreamId> wanted, TimePoint now) {
  if (wanted) {
    if (wanted->ms == UINT64_MAX)
      return fail(ErrorCode::invalid, "so high an id leaves the topic none to give out", wanted->text());
    if (*wanted > last) return *wanted;
    return fail(ErrorCode::invalid, "the id must be above " + last.text() + ", the last one of the topic",
                wanted->text());
  }
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(now.time_since_epoch().count(), 0));
  if (ms > last.ms) return StreamId{ms, 0};
  return last.next();
}

void Stream::append(StreamId id, const model::Fields& fields, Effects& effects) {
  if (length() == 0) first_id_ = id;
  last_id_ = last_entry_ = id;
  ++added_;
  bytes_added_ += StoredEntry::bytes_of(fields.bytes().size());
  effects.value.clear();
  RecordWriter{effects.value}.number(added_).number(bytes_added_);
  effects.value += fields.bytes();
  effects.batch.put(StoredEntry::key(number_, id), effects.value);
}

void Stream::move_last_id(StreamId id) {
  last_id_ = id;
  if (length() == 0) first_id_ = above_last();
}

Result<Erasure> Stream::find(const storage::Storage& storage, std::span<const StreamId> ids) const {
  std::vector<StreamId> wanted{ids.begin(), ids.end()};
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  Erasure erasure{{}, 0, first_id_, first_ordinal_, bytes_before_first_};
  std::string value;
  for (const auto id : wanted) {
    if (id < first_id_) continue;
    const auto entry = StoredEntry::read(storage, number_, id, value);
    if (!entry) return entry.error();
    if (!*entry) continue;
    erasure.ids.push_back(id);
    erasure.bytes += (*entry)->bytes();
  }
  if (erasure.ids.empty() || erasure.ids.front() != first_id_) return erasure;

  // The stream will begin at the first one that is not erased.
  for (EntryCursor cursor{storage, number_, first_id_, last_id_};; cursor.next()) {
    const auto entry = cursor.entry();
    if (!entry) return entry.error();
    if (*entry && std::binary_search(erasure.ids.begin(), erasure.ids.end(), (*entry)->id)) continue;
    erasure.first = *entry ? (*entry)->id : above_last();
    erasure.first_ordinal = *entry ? (*entry)->ordinal : added_ + 1;
    erasure.bytes_before = *entry ? (*entry)->bytes_added - (*entry)->bytes() : bytes_added_;
    return erasure;
  }
}

void Stream::erase(const Erasure& erasure, Effects& effects) {
  if (erasure.ids.empty()) return;
  for (const auto id : erasure.ids) effects.batch.erase(StoredEntry::key(number_, id));
  // Everything before the new first entry is a hole by now, and no longer between first and last.
  holes_ += erasure.ids.size() - (erasure.first_ordinal - first_ordinal_);
  hole_bytes_ += erasure.bytes - (erasure.bytes_before - bytes_before_first_);
  first_id_ = erasure.first, first_ordinal_ = erasure.first_ordinal, bytes_before_first_ = erasure.bytes_before;
  max_deleted_ = std::max(max_deleted_, erasure.ids.back());
  ++generation_;
}

Result<Prefix> Stream::measure(const storage::Storage& storage, const Keep& keep, std::uint64_t limit) const {
  Prefix prefix{generation_, 0, 0, first_id_, first_ordinal_, bytes_before_first_};
  const auto goes = [&](StreamId id) {
    return id < keep.floor && (id < keep.from || (keep.count && length() - prefix.count > *keep.count) ||
                               (keep.bytes && bytes() - prefix.bytes > *keep.bytes));
  };
  if (length() == 0 || !goes(first_id_)) return prefix;
  for (EntryCursor cursor{storage, number_, first_id_, last_id_};; cursor.next()) {
    auto entry = cursor.entry();
    if (!entry) return entry.error();
    if (!*entry) {
      prefix.first = above_last(), prefix.first_ordinal = added_ + 1, prefix.bytes_before = bytes_added_;
      return prefix;
    }
    prefix.first = (*entry)->id;
    prefix.first_ordinal = (*entry)->ordinal;
    prefix.bytes_before = (*entry)->bytes_added - (*entry)->bytes();
    if (prefix.count >= limit || !goes((*entry)->id)) return prefix;
    ++prefix.count;
    prefix.bytes += (*entry)->bytes();
  }
}

Result<void> Stream::drop(const storage::Storage& storage, const Prefix& prefix, Effects& effects) {
  TIDEMARK_ASSERT(prefix.generation == generation_, "measured on another generation of the stream");
  if (prefix.count == 0) return {};
  auto first_id = prefix.first;
  if (prefix.first_ordinal > added_) {
    first_id = above_last();
  } else {  // entries may have been appended to what was measured as the whole stream
    const auto first = EntryCursor{storage, number_, prefix.first, last_id_}.entry();
    if (!first) return first.error();
    TIDEMARK_ASSERT(*first && (*first)->ordinal == prefix.first_ordinal, "in topic ", number_);
    first_id = (*first)->id;
  }
  effects.batch.erase_range(StoredEntry::key(number_, first_id_), StoredEntry::key(number_, prefix.first));
  holes_ -= prefix.first_ordinal - first_ordinal_ - prefix.count;
  hole_bytes_ -= prefix.bytes_before - bytes_before_first_ - prefix.bytes;
  first_id_ = first_id;
  first_ordinal_ = prefix.first_ordinal;
  bytes_before_first_ = prefix.bytes_before;
  ++generation_;
  return {};
}

Result<Place> Stream::place_of(const storage::Storage& storage, StreamId id) const {
  if (id >= last_id_) return Place{added_, 0};
  if (id < first_id_) return Place{first_ordinal_ - 1, holes_};
  EntryCursor cursor{storage, number_, id.next(), last_id_};
  auto entry = cursor.entry();
  if (!entry) return entry.error();
  if (!*entry) return Place{added_, 0};
  const Place place{(*entry)->ordinal - 1, 0};
  if (holes_ == 0 || id >= max_deleted_) return place;
  std::uint64_t live = 0;  // holes are known by their number only, so those behind the id are counted
  while (*entry) {
    ++live;
    cursor.next();
    entry = cursor.entry();
    if (!entry) return entry.error();
  }
  return Place{place.ordinal, added_ - place.ordinal - live};
}

}  // namespace tidemark::engine
