#include "engine/topics.hpp"

#include <algorithm>

#include "engine/keyspace.hpp"
#include "engine/record.hpp"

namespace tidemark::engine {
namespace {

// Which limits a topic's record holds.
constexpr std::uint64_t HAS_AGE = 1, HAS_COUNT = 2, HAS_BYTES = 4, FORCE = 8;

std::string key_of(Space space, std::string_view name) { return static_cast<char>(space) + std::string{name}; }

const std::string NEXT_NUMBER = key_of(Space::meta, "next_number");

void append(RecordWriter& record, const model::Retention& retention) {
  record.number((retention.age ? HAS_AGE : 0) | (retention.count ? HAS_COUNT : 0) | (retention.bytes ? HAS_BYTES : 0) |
                (retention.force ? FORCE : 0));
  if (retention.age) record.number(static_cast<std::uint64_t>(retention.age->count()));
  if (retention.count) record.number(*retention.count);
  if (retention.bytes) record.number(*retention.bytes);
}

model::Retention read_retention(RecordReader& record) {
  const auto bits = record.number();
  model::Retention retention;
  if (bits & HAS_AGE) retention.age = Duration{static_cast<std::int64_t>(record.number())};
  if (bits & HAS_COUNT) retention.count = record.number();
  if (bits & HAS_BYTES) retention.bytes = record.number();
  retention.force = bits & FORCE;
  return retention;
}

}  // namespace

void Topic::write(Effects& effects) const {
  effects.value.clear();
  RecordWriter record{effects.value};
  stream.append_record(record);
  append(record, retention);
  effects.batch.put(key_of(Space::topics, name), effects.value);
}

StreamId Topic::needed_from() const {
  auto from = StreamId::max();
  for (const auto& [group_name, group] : groups) from = std::min(from, group->needs());
  return from;
}

void Topic::take_waiters(std::vector<Wake>& wakes) {
  if (!waiters.empty()) waiters.take(wakes);
  for (const auto& [group_name, group] : groups)
    if (!group->waiters.empty()) group->waiters.take(wakes);
}

Result<void> Topics::load(const storage::Storage& storage, const Clock& clock) {
  std::string value;
  const auto numbered = storage.get(NEXT_NUMBER, value);
  if (!numbered) return numbered.error();
  if (*numbered) {
    RecordReader record{value};
    next_number_ = record.number32();
    TIDEMARK_TRY(record.status("the next number"));
  }
  const char first = static_cast<char>(Space::topics), end = first + 1;
  auto cursor = storage.cursor({&first, 1}, {&end, 1});
  for (cursor.seek_first(); cursor.valid(); cursor.next())
    TIDEMARK_TRY(load_topic(storage, clock, cursor.key().substr(1), cursor.value()));
  return cursor.status();
}

Result<void> Topics::load_topic(const storage::Storage& storage, const Clock& clock, std::string_view name,
                                std::string_view record) {
  RecordReader reader{record};
  auto stream = Stream::load(storage, reader);
  if (!stream) return stream.error();
  const auto topic = std::make_shared<Topic>(std::string{name}, *stream, room_);
  topic->retention = read_retention(reader);
  TIDEMARK_TRY(reader.status("topic '" + topic->name + "'"));

  const auto number = topic->stream.number();
  std::string value;
  std::shared_ptr<Group> group;  // whose consumers' records follow its own
  auto cursor = storage.cursor(Key{Space::groups}.u32(number), Key{Space::groups}.u32(number + 1));
  for (cursor.seek_first(); cursor.valid(); cursor.next()) {
    constexpr std::size_t GROUP_KEY = 1 + 4 + 4, CONSUMER_KEY = GROUP_KEY + 4;
    const auto key = cursor.key();
    const auto there = storage.get(key, value);  // a cursor comes upon removed groups, too
    if (!there) return there.error();
    if (!*there) continue;
    if (key.size() == CONSUMER_KEY && group) {
      group->load_consumer(static_cast<std::uint32_t>(read_big_endian(key, GROUP_KEY, 4)), cursor.value());
      continue;
    }
    auto loaded = Group::load(number, static_cast<std::uint32_t>(read_big_endian(key, 1 + 4, 4)), cursor.value());
    if (!loaded) return loaded.error();
    group = *loaded;
    topic->groups[group->name()] = group;
  }
  TIDEMARK_TRY(cursor.status());
  for (const auto& [group_name, loaded] : topic->groups)
    TIDEMARK_TRY(loaded->load_pending(storage, topic->stream, clock, storage.was_clean()));
  by_name_[topic->name] = topic;
  in_order_[topic->name] = topic;
  return {};
}

Topic* Topics::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second.get();
}

std::shared_ptr<Topic> Topics::share(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

std::uint32_t Topics::take_number(Effects& effects) {
  const auto number = next_number_++;
  effects.value.clear();
  RecordWriter{effects.value}.number(next_number_);
  effects.batch.put(NEXT_NUMBER, effects.value);
  return number;
}

Topic& Topics::create(std::string_view name, Effects& effects) {
  const auto topic = std::make_shared<Topic>(std::string{name}, Stream{take_number(effects)}, room_);
  by_name_[topic->name] = topic;
  in_order_[topic->name] = topic;
  topic->write(effects);
  return *topic;
}

void Topics::remove(Topic& topic, Effects& effects) {
  const auto kept = share(topic.name);
  while (!topic.groups.empty()) {
    const auto group = topic.groups.begin()->second;
    remove_group(topic, *group, effects);
  }
  topic.removed = true;
  const auto number = topic.stream.number();
  effects.batch.erase(key_of(Space::topics, topic.name));
  effects.batch.erase_range(Key{Space::entries}.u32(number), Key{Space::entries}.u32(number + 1));
  in_order_.erase(topic.name);
  by_name_.erase(topic.name);
}

Group& Topics::create_group(Topic& topic, std::string_view name, StreamId cursor, Place place, Effects& effects) {
  const auto number = take_number(effects);
  const auto group = std::make_shared<Group>(std::string{name}, topic.stream.number(), number, cursor, place);
  topic.groups[group->name()] = group;
  group->write(effects);
  return *group;
}

void Topics::remove_group(Topic& topic, Group& group, Effects& effects) {
  group.removed = true;
  group.erase(effects);
  topic.groups.erase(topic.groups.find(group.name()));
  if (topic.groups.empty()) topic.recent.clear();
}

}  // namespace tidemark::engine
