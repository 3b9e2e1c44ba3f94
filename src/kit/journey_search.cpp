#include "kit/journey_search.hpp"

#include <algorithm>

#include "base/ulid.hpp"
#include "fiber/fiber.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t CHUNK = 250;
constexpr std::uint32_t ENTRIES_OF_TOPIC_MIN = 500;
// An id is made a moment before its first event, and not every clock agrees with every other.
constexpr Duration BEFORE = std::chrono::milliseconds{500};
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
  return TimePoint{std::chrono::milliseconds{static_cast<std::int64_t>(entry->ms)}};
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
  const auto count = std::max(ENTRIES_OF_TOPIC_MIN, ENTRIES_MAX / static_cast<std::uint32_t>(topics_.size()));
  for (std::size_t topic = 0; topic < topics_.size() && found_.size() < EVENTS_MAX; ++topic)
    time ? scan_from(topic, before(*time), count) : scan_newest(topic, count);
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
      if (event.ce_id == run->ce_id) found_.push_back(std::move(event));
    }
}

void JourneySearch::scan_newest(std::size_t topic, std::uint32_t count) {
  auto before = StreamId::max();
  for (std::uint32_t looked = 0; looked < count && found_.size() < EVENTS_MAX;) {
    const auto entries = read(
        topic, [&](std::uint32_t chunk) { return store_.read_back(topics_[topic].name, before, chunk); },
        count - looked);
    if (entries.empty()) return;
    looked += static_cast<std::uint32_t>(entries.size());
    before = entries.back().id;
  }
}

void JourneySearch::scan_from(std::size_t topic, StreamId after, std::uint32_t count) {
  for (std::uint32_t looked = 0; looked < count && found_.size() < EVENTS_MAX;) {
    const auto entries = read(
        topic, [&](std::uint32_t chunk) { return store_.read(topics_[topic].name, after, chunk); }, count - looked);
    if (entries.empty()) return;
    looked += static_cast<std::uint32_t>(entries.size());
    after = entries.back().id;
  }
}

// Looks at some more entries, and returns them; none at the topic's end.
template <class Read>
std::vector<model::Entry> JourneySearch::read(std::size_t topic, const Read& some, std::uint32_t count) {
  auto entries = some(std::min(CHUNK, count));
  if (!entries && entries.error().code == ErrorCode::not_found) return {};
  auto read = std::move(entries).or_raise();
  for (const auto& entry : read) look_at(topic, entry);
  this_fiber::yield();
  return read;
}

void JourneySearch::look_at(std::size_t topic, const model::Entry& entry) {
  auto event = found_event(topics_[topic].name, entry, topics_[topic].is_dead_letters);
  if (stands_in(id_, event, entry.fields)) {
    traces_.insert(event.trace.trace);
  } else if (!traces_.contains(event.trace.trace)) {
    others_.push_back({topic, entry.id, event.trace.trace});
    return;
  }
  found_.push_back(std::move(event));
}

// What was read before its trace was known to belong to the journey.
void JourneySearch::add_rest_of_traces() {
  for (const auto& [topic, id, trace] : others_) {
    if (found_.size() >= EVENTS_MAX) return;
    if (!traces_.contains(trace)) continue;
    auto entry = store_.read_one(topics_[topic].name, id).or_raise();
    if (entry) found_.push_back(found_event(topics_[topic].name, *entry, topics_[topic].is_dead_letters));
  }
}

}  // namespace tidemark::kit
