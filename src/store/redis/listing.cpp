// RedisStore: what tools look through: the collections of all services, how much they hold, all timers.
#include <algorithm>
#include <charconv>
#include <tuple>

#include "store/redis/answer.hpp"
#include "store/redis/catalog.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/redis_store.hpp"

namespace tidemark::store {
namespace {

// All that were ever used, in their order.
Result<std::vector<model::Partition>> all_partitions(Server& server) {
  redis::Command members{"SMEMBERS", keys::ALL_PARTITIONS};
  members.at(keys::ALL_PARTITIONS).repeatable();
  const auto answer = server.run(members);
  if (!answer) return answer.error();
  std::vector<model::Partition> partitions;
  for (const auto& member : answer->items) {
    const auto colon = member.text.rfind(':');
    if (colon == std::string::npos) continue;
    model::Partition partition{.service = std::string{member.text.substr(0, colon)}, .number = 0};
    std::from_chars(member.text.data() + colon + 1, member.text.data() + member.text.size(), partition.number);
    partitions.push_back(std::move(partition));
  }
  std::ranges::sort(partitions);
  return partitions;
}

// 1 for a service that has not declared how many it has.
Result<std::uint16_t> partition_count(Server& server, std::string_view service) {
  const auto key = keys::partitions(service);
  redis::Command get{"GET", key};
  get.at(key).repeatable();
  const auto stored = server.run(get);
  if (!stored) return stored.error();
  std::uint16_t count = 1;
  std::from_chars(stored->text.data(), stored->text.data() + stored->text.size(), count);
  return count;
}

Result<model::CollectionDefinition> definition_of(std::string name, std::string_view stored) {
  const auto record = read_record(stored, name);
  if (!record) return record.error();
  model::CollectionDefinition definition{.name = std::move(name), .indexes = {}};
  for (const auto& index : record->indexes) definition.indexes.push_back({index.name, index.path, index.unique});
  return definition;
}

// On a cluster a timer appends to the outbox of a topic that stands elsewhere.
std::string topic_of(std::string_view stream, const model::Partition& partition) {
  const auto outbox = keys::outbox(partition, "");
  return std::string{stream.starts_with(outbox) ? stream.substr(outbox.size()) : stream};
}

// Those of one partition that stand behind `after`, whichever partition that is of.
Result<std::vector<model::Timer>> timers_of(Server& server, const model::Partition& partition,
                                            const std::optional<model::TimerPlace>& after, std::uint32_t count) {
  std::string due = "-inf", name;
  if (after) {
    due = std::to_string(after->due.time_since_epoch().count());
    if (partition == after->partition) name = after->name;
    if (partition < after->partition) due.insert(0, "(");
  }
  auto call = server.shared().function("list_timers", {keys::timers(partition), keys::timer(partition)},
                                       FunctionCall::Effect::reads);
  call << due << name << count;
  const auto value = server.run(call);
  if (!value) return value.error();
  Answer answer{*value, 1};
  std::vector<model::Timer> timers;
  for (const auto& listed : answer.list().items) {
    Answer item{listed};
    auto& timer = timers.emplace_back();
    timer.place.name = item.text();
    timer.place.due = item.time().value_or(TimePoint{});
    timer.place.partition = partition;
    timer.topic = topic_of(item.text(), partition);
    timer.fields = item.fields();
    if (!item.good()) return strange_answer("list_timers");
  }
  if (!answer.good()) return strange_answer("list_timers");
  return timers;
}

}  // namespace

Result<std::vector<model::CollectionInfo>> RedisStore::collections() {
  return locals_.run([&](Local& at) -> Result<std::vector<model::CollectionInfo>> {
    redis::Command names{"HKEYS", keys::ALL_COLLECTIONS};
    names.at(keys::ALL_COLLECTIONS).repeatable();
    const auto answer = at.server.run(names);
    if (!answer) return answer.error();
    std::vector<model::CollectionInfo> infos;
    for (const auto& name : answer->items) {
      redis::Command get{"HGET", keys::ALL_COLLECTIONS, name.text};
      get.at(keys::ALL_COLLECTIONS).repeatable();
      const auto stored = at.server.run(get);
      if (!stored) return stored.error();
      auto definition = definition_of(std::string{name.text}, stored->text);
      if (!definition) return definition.error();
      const auto count = partition_count(at.server, definition->name.substr(0, definition->name.find('.')));
      if (!count) return count.error();
      infos.push_back({.definition = *std::move(definition), .partitions = *count});
    }
    std::ranges::sort(infos, {}, [](const auto& info) { return std::string_view{info.definition.name}; });
    return infos;
  });
}

Result<model::DocumentCount> RedisStore::count_documents(const model::Partition& partition, std::string_view collection,
                                                         std::uint64_t) {
  return locals_.run([&](Local& at) -> Result<model::DocumentCount> {
    if (const auto declared = shared_->catalog->find(at.server, partition, collection); !declared)
      return declared.error();
    const auto key = keys::ids(partition, collection);
    redis::Command count{"ZCARD", key};
    count.at(key).repeatable();
    const auto counted = at.server.run(count);
    if (!counted) return counted.error();
    return model::DocumentCount{.count = static_cast<std::uint64_t>(counted->number)};
  });
}

Result<std::vector<model::Timer>> RedisStore::timers(const std::optional<model::TimerPlace>& after,
                                                     std::uint32_t count) {
  return locals_.run([&](Local& at) -> Result<std::vector<model::Timer>> {
    const auto partitions = all_partitions(at.server);
    if (!partitions) return partitions.error();
    std::vector<model::Timer> soonest;
    for (const auto& partition : *partitions) {
      auto timers = timers_of(at.server, partition, after, count);
      if (!timers) return timers.error();
      std::ranges::move(*timers, std::back_inserter(soonest));
    }
    std::ranges::sort(soonest, {}, &model::Timer::place);
    if (soonest.size() > count) soonest.resize(count);
    return soonest;
  });
}

}  // namespace tidemark::store
