// Engine: topics, groups and collections as they are declared and removed.
#include <algorithm>

#include "engine/documents.hpp"
#include "engine/engine.hpp"
#include "engine/keyspace.hpp"
#include "engine/record.hpp"
#include "engine/topics.hpp"

namespace tidemark::engine {
namespace {

constexpr std::uint16_t PARTITIONS_MAX = 1024;
const std::string PARTITIONS_KEY = std::string{static_cast<char>(Space::meta)} + "partitions.";

void wake_all(const std::vector<Wake>& wakes) {
  for (const auto& wake : wakes) wake();
}

}  // namespace

Result<Lsn> Engine::declare_topic(const model::TopicDefinition& definition) {
  TIDEMARK_TRY(storage_->writable());
  TIDEMARK_TRY(check_name("topic", definition.name));
  if (definition.retention.age && *definition.retention.age < Duration{0})
    return fail(ErrorCode::invalid, "the age that a topic keeps can't be negative", "topic '" + definition.name + "'");
  const std::lock_guard lock{mutex_};
  auto* topic = topics_->find(definition.name);
  if (topic && topic->retention == definition.retention) return storage_->sequenced();
  auto& effects = begin();
  if (!topic) topic = &topics_->create(definition.name, effects);
  topic->retention = definition.retention;
  topic->write(effects);
  return sequence();
}

Result<Lsn> Engine::declare_partitions(std::string_view service, std::uint16_t count) {
  TIDEMARK_TRY(storage_->writable());
  TIDEMARK_TRY(check_name("service", service));
  const auto about = "service '" + std::string{service} + "'";
  if (count == 0 || count > PARTITIONS_MAX)
    return fail(ErrorCode::invalid, "a service has 1 to " + std::to_string(PARTITIONS_MAX) + " partitions", about);
  const auto key = PARTITIONS_KEY + std::string{service};
  const std::lock_guard lock{mutex_};
  std::string value;
  const auto known = storage_->get(key, value);
  if (!known) return known.error();
  if (!*known) {
    auto& effects = begin();
    RecordWriter{effects.value}.number(count);
    effects.batch.put(key, effects.value);
    return sequence();
  }
  RecordReader record{value};
  const auto declared = record.number();
  TIDEMARK_TRY(record.status("the number of partitions of " + about));
  if (declared == count) return storage_->sequenced();
  const auto stands = std::to_string(declared);
  return fail(ErrorCode::invalid,
              "it has had " + stands + " partitions since its first start and can't have " + std::to_string(count) +
                  ": its documents stand where that number put them; start it with --partitions " + stands +
                  ", or with an empty store",
              about);
}

Result<std::vector<model::CollectionInfo>> Engine::collections() const {
  std::vector<model::CollectionInfo> infos;
  std::string value;
  for (auto& definition : documents_->collections()) {
    const auto service = definition.name.substr(0, definition.name.find('.'));
    const auto known = storage_->get(PARTITIONS_KEY + service, value);
    if (!known) return known.error();
    auto& info = infos.emplace_back(model::CollectionInfo{.definition = std::move(definition)});
    if (!*known) continue;
    RecordReader record{value};
    info.partitions = static_cast<std::uint16_t>(record.number());
    TIDEMARK_TRY(record.status("the number of partitions of service '" + service + "'"));
  }
  return infos;
}

Result<Lsn> Engine::remove_topic(std::string_view name) {
  TIDEMARK_TRY(storage_->writable());
  std::vector<Wake> wakes;
  Lsn lsn;
  {
    const std::lock_guard lock{mutex_};
    const auto topic = find_topic(name);
    if (!topic) return topic.error();
    (*topic)->take_waiters(wakes);
    topics_->remove(**topic, begin());
    lsn = sequence();
  }
  wake_all(wakes);
  return lsn;
}

Result<Lsn> Engine::declare_group(std::string_view topic_name, std::string_view group_name, StreamId start) {
  TIDEMARK_TRY(storage_->writable());
  TIDEMARK_TRY(check_name("topic", topic_name));
  TIDEMARK_TRY(check_name("group", group_name));
  const std::lock_guard lock{mutex_};
  auto* topic = topics_->find(topic_name);
  if (topic && topic->groups.contains(group_name)) return storage_->sequenced();
  const auto place = topic ? topic->stream.place_of(*storage_, start) : Result<Place>{Place{}};
  if (!place) return place.error();
  auto& effects = begin();
  if (!topic) topic = &topics_->create(topic_name, effects);
  topics_->create_group(*topic, group_name, start, *place, effects);
  return sequence();
}

Result<Lsn> Engine::remove_group(std::string_view topic_name, std::string_view group_name) {
  TIDEMARK_TRY(storage_->writable());
  std::vector<Wake> wakes;
  Lsn lsn;
  {
    const std::lock_guard lock{mutex_};
    const auto found = find_group(topic_name, group_name);
    if (!found) return found.error();
    found->group->waiters.take(wakes);
    Topics::remove_group(*found->topic, *found->group, begin());
    lsn = sequence();
  }
  wake_all(wakes);
  return lsn;
}

Result<Lsn> Engine::set_group_cursor(std::string_view topic_name, std::string_view group_name, StreamId cursor) {
  TIDEMARK_TRY(storage_->writable());
  std::vector<Wake> wakes;
  Lsn lsn;
  {
    const std::lock_guard lock{mutex_};
    const auto found = find_group(topic_name, group_name);
    if (!found) return found.error();
    const auto place = found->topic->stream.place_of(*storage_, cursor);
    if (!place) return place.error();
    found->group->set_cursor(cursor, *place);
    found->group->write(begin());
    if (may_hand_over(*found->topic, *found->group)) found->group->waiters.take(wakes);
    lsn = sequence();
  }
  wake_all(wakes);
  return lsn;
}

Result<Lsn> Engine::remove_consumer(const Subscription& by) {
  TIDEMARK_TRY(storage_->writable());
  const std::lock_guard lock{mutex_};
  const auto found = find_group(by.topic, by.group);
  if (!found) return found.error();
  const auto about = "consumer '" + std::string{by.consumer} + "'";
  const auto consumer = found->group->consumer(by.consumer);
  if (consumer == 0) return fail(ErrorCode::not_found, "the group has no such consumer", about);
  if (const auto pending = found->group->pending().size_of(consumer))
    return fail(ErrorCode::conflict,
                std::to_string(pending) + " deliveries are pending for it; let another consumer claim them first",
                about);
  found->group->leave(consumer, begin());
  return sequence();
}

Result<Lsn> Engine::declare_collection(const model::CollectionDefinition& collection) {
  TIDEMARK_TRY(storage_->writable());
  const std::lock_guard lock{mutex_};
  return documents_->declare(collection);
}

}  // namespace tidemark::engine
