// Topics and groups as they are declared and reported.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/stream_id.hpp"
#include "tidemark/time.hpp"

namespace tidemark::model {

// What a topic may drop. Each limit alone suffices; entries that a group has not acknowledged stay, unless `force`.
struct Retention {
  std::optional<Duration> age;
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t> bytes;
  bool force = false;
  friend bool operator==(const Retention&, const Retention&) = default;
};

struct TopicDefinition {
  std::string name;  // 1 to 200 bytes, no control characters
  Retention retention;
};

struct TopicInfo {
  std::string name;
  std::uint64_t length = 0;
  std::uint64_t entries_added = 0;  // since its creation
  std::uint64_t bytes = 0;          // of fields and ids of what it holds
  StreamId first_id, last_id, max_deleted_id;
  std::uint32_t groups = 0;
  Retention retention;
};

// How many entries lie in a part of a topic.
struct EntryCount {
  std::uint64_t count = 0;
  bool is_exact = true;  // else there are more
};

struct ConsumerInfo {
  std::string name;
  std::uint64_t pending = 0;
  // Since its last fetch or claim, also one in vain, or heart-beat for what it has. A fetch that waits counts from when
  // it last looked.
  Duration idle{};
};

struct GroupInfo {
  std::string topic, name;
  StreamId cursor;  // the last id handed over
  std::uint64_t pending = 0;
  std::uint64_t entries_read = 0;
  std::uint64_t lag = 0;  // entries behind the cursor's position that were not handed over yet
  std::vector<ConsumerInfo> consumers;
};

struct PendingInfo {
  StreamId id;
  std::string consumer;
  Duration idle{};
  std::uint32_t deliveries = 0;
  std::uint32_t attempts = 0;
  std::optional<TimePoint> retry_at;
  std::string last_error;
};

}  // namespace tidemark::model
