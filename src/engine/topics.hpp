// Topics: the catalog of topics, with their streams and groups.
//
// Not thread-safe: under the engine's lock. A Topic or Group outlives its removal while somebody holds it, and says so.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engine/effects.hpp"
#include "engine/group.hpp"
#include "engine/recent_entries.hpp"
#include "engine/stream.hpp"
#include "engine/waiters.hpp"
#include "model/topic.hpp"
#include "storage/storage.hpp"

namespace tidemark::engine {

struct Topic {
  Topic(std::string topic_name, Stream topic_stream, std::shared_ptr<RecentEntries::Room> room)
      : name{std::move(topic_name)}, stream{topic_stream}, recent{std::move(room)} {}

  // The topic's record: after each change of its retention, and when entries were dropped.
  void write(Effects& effects) const;
  // The lowest id that a group still needs.
  StreamId needed_from() const;
  // Wakes readers of the topic and its groups.
  void take_waiters(std::vector<Wake>& wakes);

  const std::string name;
  model::Retention retention;
  Stream stream;
  RecentEntries recent;  // while there are groups
  NameMap<std::shared_ptr<Group>> groups;
  Waiters waiters;  // for an entry
  bool removed = false;
  std::uint64_t dropped_bytes = 0;  // of entries dropped since the disk's space was last reclaimed

  // The last id that the commit being checked gives out, while `planned_in` is that commit's number.
  StreamId planned_last;
  std::uint64_t planned_in = 0;
};

class Topics {
 public:
  // Reads everything. `corrupt` names the record.
  Result<void> load(const storage::Storage& storage, const Clock& clock);

  // Null when there is none.
  Topic* find(std::string_view name) const;
  std::shared_ptr<Topic> share(std::string_view name) const;
  const std::map<std::string, std::shared_ptr<Topic>, std::less<>>& all() const { return in_order_; }

  Topic& create(std::string_view name, Effects& effects);
  void remove(Topic& topic, Effects& effects);
  Group& create_group(Topic& topic, std::string_view name, StreamId cursor, Place place, Effects& effects);
  static void remove_group(Topic& topic, Group& group, Effects& effects);

 private:
  Result<void> load_topic(const storage::Storage& storage, const Clock& clock, std::string_view name,
                          std::string_view record);
  std::uint32_t take_number(Effects& effects);

  NameMap<std::shared_ptr<Topic>> by_name_;
  std::map<std::string, std::shared_ptr<Topic>, std::less<>> in_order_;
  std::shared_ptr<RecentEntries::Room> room_ = std::make_shared<RecentEntries::Room>();
  std::uint32_t next_number_ = 1;  // of a topic or group; none is given out twice
};

}  // namespace tidemark::engine
