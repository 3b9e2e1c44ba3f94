// JourneySearch: finds the events of a journey in topics: those of its traces, and those that an id is written in.
// Looks at a bounded number of entries: around the time that the id itself or the journey's runs tell, else the newest
// ones.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kit/monitor/journey.hpp"
#include "kit/monitor/run_memory.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

struct SearchedTopic {
  std::string name;
  bool is_dead_letters = false;
};

struct SearchWish {
  std::string id;                                      // a trace's, an event's, or any text that stands in events
  const std::vector<RememberedTrace>* runs = nullptr;  // what is remembered of it
};

class JourneySearch {
 public:
  static constexpr std::uint32_t ENTRIES_MAX = 20'000;  // looked at, in all topics together
  static constexpr std::size_t EVENTS_MAX = 1'000;      // found

  JourneySearch(store::Store& store, std::vector<SearchedTopic> topics);

  // Each event once. On a fiber, which others get to run beside. Throws what the store refuses; a topic that is missing
  // has nothing.
  std::vector<FoundEvent> run(const SearchWish& wish);

 private:
  struct Seen {
    std::size_t topic;
    StreamId id;
    telemetry::TraceId trace;
  };

  void look_up_handled(const std::vector<RememberedTrace>& runs);
  enum class Direction { forward, back };
  void scan(Direction direction, StreamId from, std::uint32_t count);
  std::vector<model::Entry> read(std::size_t topic, Direction direction, StreamId at, std::uint32_t count);
  void look_at(std::size_t topic, const model::Entry& entry);
  void add(FoundEvent event);
  void add_rest_of_traces();

  store::Store& store_;
  std::vector<SearchedTopic> topics_;
  std::string id_;
  std::set<telemetry::TraceId> traces_;
  std::vector<FoundEvent> found_;
  std::set<std::pair<std::string, StreamId>> known_;  // their topics and ids
  std::vector<Seen> others_;  // what belongs to no trace of the journey's that was known by then
};

// When something with such an id came to be, where the id says that: a ULID, or an entry's id.
std::optional<TimePoint> time_in(std::string_view id);

}  // namespace tidemark::kit
