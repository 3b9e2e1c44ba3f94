#include "kit/monitor/journey_search.hpp"

#include <algorithm>

#include "base/ulid.hpp"
#include "fiber/fiber.hpp"
#include "kit/monitor/entry_time.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t CHUNK = 250;
// An id is made a moment before its first event.
constexpr Duration BEFORE = std::chrono::milliseconds{10};
// Whose runs are remembered is found by these: there is less to look for.
constexpr std::uint32_t PARTS_FOR_REMEMBERED = 4;
// How much of all is looked at in the direction of what followed; the rest before, as clocks don't agree in everything.
constexpr std::uint32_t PARTS = 4, PARTS_FORWARD = 3;
// Shorter texts than ids are stand in many events by chance; of these only the key counts.
constexpr std::size_t ID_SIZE_MIN = 8;

StreamId before(TimePoint time) {
  const auto ms = std::max<std::int64_t>((time - BEFORE).time_since_epoch().count(), 0);
  return {static_cast<std::uint64_t>(ms), 0};
}

std::optional<TimePoint> earliest(const std::vector<RememberedTrace>& traces) {
  std::optional<Moment> first;
  for (const auto& trace : traces)
    for (const auto& run : trace.runs) first = first ? std::min(*first, run->start) : run->start;
  if (!first) return std::nullopt;
  return std::chrono::time_point_cast<Duration>(*first);
}

bool stands_in(std::string_view id, const FoundEvent& event, const model::Fields& fields) {
  if (event.ce_id == id || event.key == id || event.id.text() == id) return true;
  if (id.size() < ID_SIZE_MIN) return false;
  for (const auto& field : fields)
    if (field.value == id) return true;
  return false;
}

}  // namespace

std::optional<TimePoint> time_in(std::string_view id) {
  if (is_ulid(id)) return time_of_ulid(id);
  if (id.find('-') == id.npos) return std::nullopt;
  const auto entry = StreamId::parse(id);
  if (!entry) return std::nullopt;
  return time_of(*entry);
}

JourneySearch::JourneySearch(store::Store& store, std::vector<SearchedTopic> topics)
    : store_{store}, topics_{std::move(topics)} {}

std::vector<FoundEvent> JourneySearch::run(const SearchWish& wish) {
  id_ = wish.id;
  if (const auto trace = telemetry::TraceId::parse(id_)) traces_.insert(*trace);
  for (const auto& trace : *wish.runs) traces_.insert(trace.id);
  look_up_handled(*wish.runs);
  if (topics_.empty()) return std::move(found_);

  auto time = time_in(id_);
  if (const auto first = earliest(*wish.runs)) time = time ? std::min(*time, *first) : *first;
  const auto entries = wish.runs->empty() ? ENTRIES_MAX : ENTRIES_MAX / PARTS_FOR_REMEMBERED;
  if (time) {
    scan(Direction::forward, before(*time), entries / PARTS * PARTS_FORWARD);
    scan(Direction::back, before(*time), entries / PARTS);
  } else {
    scan(Direction::back, StreamId::max(), entries);
  }
  add_rest_of_traces();
  return std::move(found_);
}

// The events that remembered runs were about: where these stand is known.
void JourneySearch::look_up_handled(const std::vector<RememberedTrace>& runs) {
  std::set<std::pair<std::string_view, StreamId>> known;
  for (const auto& trace : runs)
    for (const auto& run : trace.runs) {
      if (run->kind != RunKind::handler || found_.size() >= EVENTS_MAX) continue;
      if (!known.insert({run->name, run->entry}).second) continue;
      auto entry = store_.read_one(run->name, run->entry);
      if (!entry && entry.error().code != ErrorCode::not_found) raise(entry.error());
      if (!entry || !*entry) continue;
      auto event = found_event(run->name, **entry, false);
      // It may have come by another topic, where that id is its own.
      if (event.ce_id == run->ce_id) add(std::move(event));
    }
}

// Some of each topic in turn, so that quiet topics leave the others what they don't need.
void JourneySearch::scan(Direction direction, StreamId from, std::uint32_t count) {
  struct Place {
    std::size_t topic;
    StreamId at;
  };
  std::vector<Place> places;
  for (std::size_t topic = 0; topic < topics_.size(); ++topic) places.push_back({topic, from});
  while (!places.empty() && count > 0) {
    std::vector<Place> next;
    for (const auto& [topic, at] : places) {
      if (found_.size() >= EVENTS_MAX) return;
      const auto entries = read(topic, direction, at, std::min(CHUNK, count));
      for (const auto& entry : entries) look_at(topic, entry);
      count -= static_cast<std::uint32_t>(entries.size());
      if (count == 0) return;
      if (!entries.empty()) next.push_back({topic, entries.back().id});
      this_fiber::yield();
    }
    places = std::move(next);
  }
}

std::vector<model::Entry> JourneySearch::read(std::size_t topic, Direction direction, StreamId at,
                                              std::uint32_t count) {
  const auto& name = topics_[topic].name;
  auto entries = direction == Direction::forward ? store_.read(name, at, count) : store_.read_back(name, at, count);
  if (!entries && entries.error().code == ErrorCode::not_found) return {};
  return std::move(entries).or_raise();
}

void JourneySearch::look_at(std::size_t topic, const model::Entry& entry) {
  auto event = found_event(topics_[topic].name, entry, topics_[topic].is_dead_letters);
  if (stands_in(id_, event, entry.fields)) {
    traces_.insert(event.trace.trace);
  } else if (!traces_.contains(event.trace.trace)) {
    others_.push_back({topic, entry.id, event.trace.trace});
    return;
  }
  add(std::move(event));
}

void JourneySearch::add(FoundEvent event) {
  if (known_.insert({event.topic, event.id}).second) found_.push_back(std::move(event));
}

// What was read before its trace was known to belong to the journey.
void JourneySearch::add_rest_of_traces() {
  for (const auto& [topic, id, trace] : others_) {
    if (found_.size() >= EVENTS_MAX) return;
    if (!traces_.contains(trace)) continue;
    auto entry = store_.read_one(topics_[topic].name, id).or_raise();
    if (entry) add(found_event(topics_[topic].name, *entry, topics_[topic].is_dead_letters));
  }
}

}  // namespace tidemark::kit
