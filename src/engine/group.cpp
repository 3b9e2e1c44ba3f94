#include "engine/group.hpp"

#include <algorithm>

#include "engine/keyspace.hpp"
#include "engine/record.hpp"

namespace tidemark::engine {
namespace {

// Hand-overs of the last moments may be lost with the log's unsynced end. So many entries past the recovered cursor may
// have been with a handler: more than any service keeps in flight.
constexpr std::uint64_t SUSPECTS_PAST_CURSOR = 1024;

}  // namespace

Group::Group(std::string name, std::uint32_t topic, std::uint32_t number, StreamId cursor, Place place)
    : name_{std::move(name)}, topic_{topic}, number_{number}, cursor_{cursor}, place_{place}, pending_{number} {}

Result<std::shared_ptr<Group>> Group::load(std::uint32_t topic, std::uint32_t number, std::string_view record) {
  RecordReader reader{record};
  const auto cursor = reader.id();
  Place place;
  place.ordinal = reader.number();
  place.holes_ahead = reader.number();
  std::string name{reader.bytes()};
  TIDEMARK_TRY(reader.status("group " + std::to_string(number)));
  return std::make_shared<Group>(std::move(name), topic, number, cursor, place);
}

void Group::load_consumer(std::uint32_t number, std::string_view record) {
  consumers_[number].name = record;
  consumer_numbers_[std::string{record}] = number;
}

Result<void> Group::load_pending(const storage::Storage& storage, const Stream& stream, const Clock& clock,
                                 bool clean) {
  const auto read = std::max(place_.ordinal, stream.first_ordinal() - 1);  // or dropped unread
  if (!clean) suspect_ordinal_ = std::min(read + SUSPECTS_PAST_CURSOR, stream.entries_added());
  TIDEMARK_TRY(pending_.load(storage, stream, clock, !clean));
  for (auto entry = pending_.next(StreamId::min()); entry; entry = pending_.next(entry->id)) {
    const auto consumer = consumers_.find(entry->consumer);
    if (consumer != consumers_.end()) consumer->second.seen = std::max(consumer->second.seen, entry->idle_since);
  }
  for (const auto& [number, consumer] : consumers_)
    if (pending_.size_of(number) == 0) forgotten_.push_back(number);
  for (const auto number : forgotten_) {
    consumer_numbers_.erase(consumers_[number].name);
    consumers_.erase(number);
  }
  return {};
}

std::uint64_t Group::lag(const Stream& stream) const {
  if (place_.ordinal < stream.first_ordinal()) return stream.length();
  return stream.entries_added() - place_.ordinal - place_.holes_ahead;
}

StreamId Group::needs() const {
  const auto next = cursor_ == StreamId::max() ? cursor_ : cursor_.next();
  const auto oldest = pending_.next(StreamId::min());
  return oldest ? std::min(oldest->id, next) : next;
}

void Group::hand_over(const Stream& stream, std::span<const Handed> entries, const HandOver& hand_over,
                      Effects& effects) {
  // What the stream has dropped from its beginning is no longer ahead, and its holes neither.
  const bool dropped = place_.ordinal + 1 < stream.first_ordinal();
  const auto from = dropped ? stream.first_ordinal() - 1 : place_.ordinal;
  const auto holes_ahead = dropped ? stream.holes() : place_.holes_ahead;
  const auto passed = entries.back().ordinal - from;
  cursor_ = entries.back().id;
  place_ = {entries.back().ordinal, holes_ahead - (passed - entries.size())};
  pending_.add(entries, hand_over, effects);
  pending_.write_changes(effects);
}

void Group::write(Effects& effects) const {
  effects.value.clear();
  RecordWriter{effects.value}.id(cursor_).number(place_.ordinal).number(place_.holes_ahead).bytes(name_);
  effects.batch.put(Key{Space::groups}.u32(topic_).u32(number_), effects.value);
}

std::uint32_t Group::consumer(std::string_view name) const {
  const auto found = consumer_numbers_.find(name);
  return found == consumer_numbers_.end() ? 0 : found->second;
}

std::uint32_t Group::join(std::string_view name, Effects& effects) {
  if (const auto number = consumer(name)) return number;
  for (const auto other : forgotten_) effects.batch.erase(Key{Space::groups}.u32(topic_).u32(number_).u32(other));
  forgotten_.clear();
  const auto number = consumers_.empty() ? 1 : consumers_.rbegin()->first + 1;
  load_consumer(number, name);
  effects.batch.put(Key{Space::groups}.u32(topic_).u32(number_).u32(number), name);
  return number;
}

void Group::leave(std::uint32_t consumer, Effects& effects) {
  consumer_numbers_.erase(consumers_[consumer].name);
  consumers_.erase(consumer);
  effects.batch.erase(Key{Space::groups}.u32(topic_).u32(number_).u32(consumer));
}

const std::string& Group::consumer_name(std::uint32_t consumer) const {
  static const std::string unknown;
  const auto found = consumers_.find(consumer);
  return found == consumers_.end() ? unknown : found->second.name;
}

std::vector<model::ConsumerInfo> Group::consumers(Instant now) const {
  std::vector<model::ConsumerInfo> infos;
  for (const auto& [number, consumer] : consumers_)
    infos.push_back({consumer.name, pending_.size_of(number), std::max(now - consumer.seen, Duration{0})});
  return infos;
}

void Group::erase(Effects& effects) const {
  effects.batch.erase_range(Key{Space::groups}.u32(topic_).u32(number_),
                            Key{Space::groups}.u32(topic_).u32(number_ + 1));
  for (const auto space : {Space::ranges, Space::pending})
    effects.batch.erase_range(Key{space}.u32(number_), Key{space}.u32(number_ + 1));
}

}  // namespace tidemark::engine
