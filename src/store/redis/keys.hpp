// The names of all keys that Tidemark has on a Redis server. docs/formats/redis.md says what each holds.
//
// What is changed together begins with one hash tag, so that it stands in one slot of a cluster: a partition's keys
// with the partition's tag, what belongs to a topic with the topic's tag or, for a bare name, with that name in braces.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "model/partition.hpp"

namespace tidemark::store::keys {

// Whether the name itself says where it stands: "{roles:0}user_created.user-role".
inline bool has_tag(std::string_view name) {
  const auto open = name.find('{');
  if (open == std::string_view::npos) return false;
  const auto close = name.find('}', open + 1);
  return close != std::string_view::npos && close > open + 1;
}

// --- Of a topic, which is a stream of its own name ---

inline std::string beside(std::string_view topic, std::string_view what) {
  std::string key;
  if (has_tag(topic)) {
    key = topic;
  } else {
    key.append("{").append(topic).append("}");
  }
  return key.append(":").append(what);
}
// A hash: retention, and what functions know of the topic's size.
inline std::string meta(std::string_view topic) { return beside(topic, "meta"); }
// A hash: id of a pending entry → its record.
inline std::string runs(std::string_view topic, std::string_view group) { return beside(topic, "runs:").append(group); }
// A hash: the sessions that read as the group and have not ended cleanly, with when that was and as whom.
inline std::string sessions(std::string_view topic, std::string_view group) {
  return beside(topic, "sessions:").append(group);
}
// A hash: outbox → the last id that the topic has of it.
inline std::string poured(std::string_view topic) { return beside(topic, "poured"); }

// --- Of a partition ---

inline std::string of(const model::Partition& partition, std::string_view what) {
  return partition.tag().append(":").append(what);
}
// A string of JSON, or a JSON value of the server's module.
inline std::string document(const model::Partition& partition, std::string_view collection, std::string_view id) {
  return of(partition, "doc:").append(collection).append(":").append(id);
}
// A hash: id → version and index entries.
inline std::string documents(const model::Partition& partition, std::string_view collection) {
  return of(partition, "docs:").append(collection);
}
// A sorted set, all scores 0: the ids.
inline std::string ids(const model::Partition& partition, std::string_view collection) {
  return of(partition, "ids:").append(collection);
}
// A sorted set, all scores 0: encoded values, each followed by the id. Numbers are never given twice in a collection.
inline std::string index(const model::Partition& partition, std::string_view collection, std::uint32_t number) {
  return of(partition, "ix:").append(collection).append(":").append(std::to_string(number));
}
// A hash: collection → its generation, indexes and their numbers.
inline std::string collections(const model::Partition& partition) { return of(partition, "collections"); }
// A sorted set: name → when it is due, in ms.
inline std::string timers(const model::Partition& partition) { return of(partition, "timers"); }
// A hash: name → topic and fields.
inline std::string timer(const model::Partition& partition) { return of(partition, "timer"); }
// A string: "<expires> <value>".
inline std::string key(const model::Partition& partition, std::string_view name) {
  return of(partition, "key:").append(name);
}
// A hash: the last commits of one process, with their answers.
inline std::string session(const model::Partition& partition, std::string_view id) {
  return of(partition, "session:").append(id);
}
// A hash: "owner", "epoch", "until" (ms).
inline std::string lease(const model::Partition& partition) { return of(partition, "lease"); }
// A stream, on a cluster: what the partition has published to a topic that stands elsewhere, until it is there.
inline std::string outbox(const model::Partition& partition, std::string_view topic) {
  return of(partition, "out:").append(topic);
}
// A set: the topics that the partition has outboxes for.
inline std::string outboxes(const model::Partition& partition) { return of(partition, "outboxes"); }

// --- Of a service ---

// A string: how many partitions it has.
inline std::string partitions(std::string_view service) {
  return std::string{"{"}.append(service).append("}:partitions");
}
// A sorted set: member → until when it is there, in ms.
inline std::string members(std::string_view service) { return std::string{"{"}.append(service).append("}:members"); }

// --- Of all ---

// A set: the topics that were declared, or published to.
constexpr std::string_view ALL_TOPICS = "tidemark:topics";
// A set: "<service>:<number>" of each partition that was ever used.
constexpr std::string_view ALL_PARTITIONS = "tidemark:partitions";
// A hash: collection → its definition, for partitions that are used later.
constexpr std::string_view ALL_COLLECTIONS = "tidemark:collections";

}  // namespace tidemark::store::keys
