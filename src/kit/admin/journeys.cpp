#include <algorithm>
#include <charconv>
#include <set>

#include "kit/admin/endpoints.hpp"
#include "kit/monitor/journey.hpp"
#include "kit/monitor/journey_search.hpp"
#include "kit/monitor/recorder.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t LIMIT_STANDARD = 50, LIMIT_MAX = 500;
// A page ends after so many traces even when it is not full.
constexpr std::size_t TRACES_LOOKED_AT = 20'000, TRACES_AT_ONCE = 200;
// Of a text that many traces have to do with, as a product's id may: the newest ones.
constexpr std::size_t TRACES_OF_JOURNEY = 20;

struct JourneysQuery {
  std::optional<std::uint32_t> limit;
  std::optional<std::string> after, outcome, service, text;
  std::optional<bool> reads;  // true: those that changed nothing, too

  static Constraints<JourneysQuery> constraints() { return {{&JourneysQuery::limit, {.min = 1, .max = LIMIT_MAX}}}; }
};
BOOST_DESCRIBE_STRUCT(JourneysQuery, (), (limit, after, outcome, service, text, reads))

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool mentions(const RunRecord& run, const std::string& wanted) {
  const auto has = [&](std::string_view text) { return lower(text).find(wanted) != std::string::npos; };
  return has(run.name) || has(run.path) || has(run.key) || has(run.ce_id) || has(run.error) ||
         std::ranges::any_of(run.published, [&](const auto& event) { return has(event.topic) || has(event.key); }) ||
         std::ranges::any_of(run.documents, [&](const auto& document) { return has(document.id); });
}

bool is_asked_for(const RememberedTrace& trace, const JourneysQuery& query) {
  if (trace.only_reads && !query.reads.value_or(query.text.has_value())) return false;
  if (query.outcome && outcome_of(trace.runs) != *query.outcome) return false;
  if (query.service &&
      !std::ranges::any_of(trace.runs, [&](const auto& run) { return run->service == *query.service; }))
    return false;
  if (!query.text || query.text->empty()) return true;
  const auto wanted = lower(*query.text);
  return trace.id.text() == wanted ||
         std::ranges::any_of(trace.runs, [&](const auto& run) { return mentions(*run, wanted); });
}

std::uint64_t position_of(const std::optional<std::string>& cursor) {
  std::uint64_t below = UINT64_MAX;
  if (!cursor || cursor->empty()) return below;
  const auto end = cursor->data() + cursor->size();
  if (const auto [at, error] = std::from_chars(cursor->data(), end, below); error != std::errc{} || at != end)
    throw Invalid{"after: expected the cursor of a page before, got \"" + *cursor + "\""};
  return below;
}

List<JourneySummary> recent(const Recorder& recorder, const JourneysQuery& query) {
  const auto limit = query.limit.value_or(LIMIT_STANDARD);
  List<JourneySummary> page;
  auto below = position_of(query.after);
  for (std::size_t looked = 0; looked < TRACES_LOOKED_AT;) {
    const auto traces = recorder.newest(below, TRACES_AT_ONCE);
    for (const auto& trace : traces) {
      if (is_asked_for(trace, query)) page.items.push_back(summary_of(trace));
      below = trace.number;
      if (page.items.size() == limit) break;
    }
    if (page.items.size() < limit && traces.size() < TRACES_AT_ONCE) return page;
    if (page.items.size() == limit) break;
    looked += traces.size();
  }
  page.next = std::to_string(below);
  return page;
}

// The topics that the services of this process publish to and read; of a bare store, all.
std::vector<SearchedTopic> topics_of(const AdminContext& context) {
  std::set<std::string> events, dead;
  for (const auto& service : context.services)
    for (const auto& topic : service.spec.topics) events.insert(topic.name);
  for (const auto& handler : context.handlers()) {
    events.insert(handler.spec.topic);
    const auto placement = handler.placement();
    const auto partitions = placement.divides_dead_letters() ? placement.partitions() : std::uint16_t{1};
    for (std::uint16_t partition = 0; partition < partitions; ++partition) dead.insert(placement.dead_topic(partition));
  }
  if (context.services.empty())
    for (const auto& topic : context.store.topics().or_raise())
      (topic.name.ends_with(".dead") ? dead : events).insert(topic.name);
  std::vector<SearchedTopic> topics;
  for (const auto& name : events) topics.push_back({name, false});
  for (const auto& name : dead) topics.push_back({name, true});
  return topics;
}

// What is remembered of the id; and, by their traces, of the events that were found.
std::vector<RememberedTrace> remembered(const Recorder* recorder, std::string_view id,
                                        const std::vector<FoundEvent>& events) {
  if (recorder == nullptr) return {};
  std::vector<RememberedTrace> traces = recorder->find(id, TRACES_OF_JOURNEY);
  const auto add = [&](const telemetry::TraceId& trace) {
    if (std::ranges::find(traces, trace, &RememberedTrace::id) != traces.end()) return;
    if (auto found = recorder->find(trace)) traces.push_back(std::move(*found));
  };
  if (const auto trace = telemetry::TraceId::parse(id)) add(*trace);
  for (const auto& event : events)
    if (traces.size() < TRACES_OF_JOURNEY) add(event.trace.trace);
  return traces;
}

Journey journey(const AdminContext& context, const std::string& id) {
  const auto known = remembered(context.recorder, id, {});
  JourneySearch search{context.store, topics_of(context)};
  auto events = search.run({.id = id, .runs = &known});
  const auto runs = remembered(context.recorder, id, events);
  if (runs.empty() && events.empty())
    throw NotFound{"nothing is known of '" + id +
                   "': no run that this process remembers, and no event in its topics, has to do with it"};
  return journey_of(runs, std::move(events), context.clock.now());
}

}  // namespace

void add_journey_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("journeys");
  routes.get<JourneysQuery>(
      "/journeys", "Recent journeys, newest first", [&context](const JourneysQuery& query, Request&) {
        return context.recorder == nullptr ? List<JourneySummary>{} : recent(*context.recorder, query);
      });
  routes.get("/journeys/{id}", "What became of an order, of an event, of any id",
             [&context](Request& request) { return journey(context, request.path_parameter("id")); });
}

}  // namespace tidemark::kit
