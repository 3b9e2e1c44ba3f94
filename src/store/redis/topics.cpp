// RedisStore: topics and groups.
#include <algorithm>
#include <string>
#include <utility>

#include "store/redis/answer.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/names.hpp"
#include "store/redis/redis_store.hpp"
#include "store/redis/topic_names.hpp"

namespace tidemark::store {
namespace {

using Effect = FunctionCall::Effect;

std::string limit_text(const std::optional<std::uint64_t>& limit) { return limit ? std::to_string(*limit) : ""; }

Result<model::TopicInfo> read_topic_info(std::string_view name, const resp::Value& value) {
  Answer answer{value, 1};
  model::TopicInfo info;
  info.name = name;
  info.length = answer.number();
  info.entries_added = answer.number();
  info.bytes = answer.number();
  info.first_id = answer.id();
  info.last_id = answer.id();
  info.max_deleted_id = answer.id();
  info.groups = static_cast<std::uint32_t>(answer.number());
  if (const auto age = answer.limit()) info.retention.age = Duration{static_cast<Duration::rep>(*age)};
  info.retention.count = answer.limit();
  info.retention.bytes = answer.limit();
  info.retention.force = answer.limit().has_value();
  if (!answer.good()) return strange_answer("topic_info");
  return info;
}

Result<model::GroupInfo> read_group_info(std::string_view topic, std::string_view group, const resp::Value& value) {
  Answer answer{value, 1};
  model::GroupInfo info;
  info.topic = topic;
  info.name = group;
  info.cursor = answer.id();
  info.pending = answer.number();
  info.entries_read = answer.number();
  info.lag = answer.number();
  bool good = answer.good();
  for (const auto& item : answer.list().items) {
    Answer consumer{item};
    auto& read = info.consumers.emplace_back();
    read.name = consumer.text();
    read.pending = consumer.number();
    read.idle = Duration{static_cast<Duration::rep>(consumer.number())};
    good = good && consumer.good();
  }
  if (!good || !answer.good()) return strange_answer("group_info");
  return info;
}

}  // namespace

Result<void> RedisStore::declare_topic(const model::TopicDefinition& topic) {
  TIDEMARK_TRY(check_name("topic", topic.name));
  return locals_.run([&](Local& at) -> Result<void> {
    const auto& keep = topic.retention;
    auto call = shared_->function("declare_topic", {topic.name, keys::meta(topic.name)}, Effect::repeatable);
    call << (keep.age ? std::to_string(keep.age->count()) : "") << limit_text(keep.count) << limit_text(keep.bytes)
         << (keep.force ? "1" : "");
    if (const auto answer = at.server.run(call); !answer) return answer.error();
    return shared_->topics.note(at.server, topic.name, topic.retention != model::Retention{});
  });
}

Result<void> RedisStore::declare_group(std::string_view topic, std::string_view group, StreamId start) {
  TIDEMARK_TRY(check_name("topic", topic));
  TIDEMARK_TRY(check_name("group", group));
  return locals_.run([&](Local& at) -> Result<void> {
    auto call =
        shared_->function("declare_group", {std::string{topic}, keys::runs(topic, group), keys::sessions(topic, group)},
                          Effect::repeatable);
    call << group << start.text();
    if (const auto answer = at.server.run(call); !answer) return answer.error();
    return shared_->topics.note(at.server, topic, false);
  });
}

Result<void> RedisStore::remove_group(std::string_view topic, std::string_view group) {
  return locals_.run([&](Local& at) -> Result<void> {
    auto call =
        shared_->function("remove_group", {std::string{topic}, keys::runs(topic, group), keys::sessions(topic, group)});
    call << group;
    if (const auto answer = at.server.run(call); !answer) return answer.error();
    shared_->topics.note_released(topic);
    shared_->waiters.changed(topic);
    return {};
  });
}

Result<void> RedisStore::move_cursor(std::string_view topic, std::string_view group, StreamId to) {
  return locals_.run([&](Local& at) -> Result<void> {
    auto call = shared_->function("move_cursor", {std::string{topic}}, Effect::repeatable);
    call << group << to.text();
    if (const auto answer = at.server.run(call); !answer) return answer.error();
    shared_->topics.note_released(topic);
    return {};
  });
}

// --- What is known about them ---

Result<model::TopicInfo> RedisStore::topic(std::string_view name) {
  return locals_.run([&](Local& at) -> Result<model::TopicInfo> {
    const auto answer =
        at.server.run(shared_->function("topic_info", {std::string{name}, keys::meta(name)}, Effect::reads));
    if (!answer) return answer.error();
    return read_topic_info(name, *answer);
  });
}

Result<model::EntryCount> RedisStore::count_entries(std::string_view topic, StreamId after, StreamId up_to,
                                                    std::uint64_t at_most) {
  return locals_.run([&](Local& at) -> Result<model::EntryCount> {
    model::EntryCount counted;
    for (;;) {
      auto call = shared_->function("count_entries", {std::string{topic}}, Effect::reads);
      call << after.text() << up_to.text() << (at_most - counted.count);
      const auto answer = at.server.run(call);
      if (!answer) return answer.error();
      Answer step{*answer, 1};
      counted.count += step.number();
      after = step.id();
      const bool more = step.number() != 0;
      if (!step.good()) return strange_answer("count_entries");
      if (!more) return counted;
      if (counted.count < at_most) continue;
      counted.is_exact = false;
      return counted;
    }
  });
}

Result<std::vector<model::TopicInfo>> RedisStore::topics() {
  return locals_.run([&](Local& at) -> Result<std::vector<model::TopicInfo>> {
    const auto names = shared_->topics.all(at.server);
    if (!names) return names.error();
    std::vector<model::TopicInfo> topics;
    for (const auto& name : *names) {
      const auto answer = at.server.run(shared_->function("topic_info", {name, keys::meta(name)}, Effect::reads));
      if (!answer && answer.error().code == ErrorCode::not_found) continue;  // it was deleted by hand
      if (!answer) return answer.error();
      auto info = read_topic_info(name, *answer);
      if (!info) return info.error();
      topics.push_back(std::move(*info));
    }
    return topics;
  });
}

Result<std::vector<model::GroupInfo>> RedisStore::groups(std::string_view topic) {
  return locals_.run([&](Local& at) -> Result<std::vector<model::GroupInfo>> {
    const auto names = at.server.run(shared_->function("group_names", {std::string{topic}}, Effect::reads));
    if (!names) return names.error();
    std::vector<model::GroupInfo> groups;
    Answer group{Answer{*names, 1}.list()};
    while (!group.at_end()) {
      const auto name = group.text();
      auto call = shared_->function("group_info", {std::string{topic}, keys::sessions(topic, name)}, Effect::reads);
      call << name;
      const auto answer = at.server.run(call);
      if (!answer && answer.error().code == ErrorCode::not_found) continue;  // it was removed meanwhile
      if (!answer) return answer.error();
      auto info = read_group_info(topic, name, *answer);
      if (!info) return info.error();
      groups.push_back(std::move(*info));
    }
    if (!group.good()) return strange_answer("group_names");
    return groups;
  });
}

Result<std::vector<model::PendingInfo>> RedisStore::pending(std::string_view topic, std::string_view group,
                                                            StreamId after, std::uint32_t count) {
  return locals_.run([&](Local& at) -> Result<std::vector<model::PendingInfo>> {
    auto call = shared_->function("pending", {std::string{topic}, keys::runs(topic, group)}, Effect::reads);
    call << group << after.text() << count;
    const auto answer = at.server.run(call);
    if (!answer) return answer.error();
    std::vector<model::PendingInfo> pending;
    bool good = true;
    for (const auto& item : Answer{*answer, 1}.list().items) {
      Answer entry{item};
      auto& info = pending.emplace_back();
      info.id = entry.id();
      info.consumer = entry.text();
      info.idle = Duration{static_cast<Duration::rep>(entry.number())};
      info.deliveries = static_cast<std::uint32_t>(entry.number());
      info.attempts = static_cast<std::uint32_t>(entry.number());
      info.retry_at = entry.time();
      info.last_error = entry.text();
      good = good && entry.good();
    }
    if (!good) return strange_answer("pending");
    return pending;
  });
}

}  // namespace tidemark::store
