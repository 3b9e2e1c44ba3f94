// Timers: what is to be published later.
#include <algorithm>
#include <charconv>
#include <map>

#include "fiber/fiber.hpp"
#include "kit/admin/endpoints.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t PAGE = 500;
constexpr std::uint64_t LOOKED_AT_MAX = 20'000;  // for one answer, where only those of one topic are wanted

struct TimersQuery {
  std::optional<std::string> topic, after;
  std::optional<std::uint32_t> limit;

  static Constraints<TimersQuery> constraints() { return {{&TimersQuery::limit, {.min = 1, .max = PAGE}}}; }
};
BOOST_DESCRIBE_STRUCT(TimersQuery, (), (topic, after, limit))

struct TimerState {
  TimePoint at;
  std::string topic;
  std::optional<std::string> type, key;
  std::string id, service;
  std::map<std::string, std::string> fields;
};
BOOST_DESCRIBE_STRUCT(TimerState, (), (at, topic, type, key, id, service, fields))

// "<ms>:<partition>:<service>:<name>".
std::string cursor_of(const model::TimerPlace& place) {
  return std::to_string(place.due.time_since_epoch().count()) + ":" + std::to_string(place.partition.number) + ":" +
         place.partition.service + ":" + place.name;
}

model::TimerPlace place_of(std::string_view cursor) {
  const auto next = [&]() -> std::string_view {
    const auto part = cursor.substr(0, cursor.find(':'));
    cursor.remove_prefix(std::min(cursor.size(), part.size() + 1));
    return part;
  };
  const auto number = [](std::string_view text, auto& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
      throw Invalid{"after: expected the cursor of a page before"};
  };
  std::int64_t ms = 0;
  model::TimerPlace place;
  number(next(), ms);
  number(next(), place.partition.number);
  place.due = TimePoint{std::chrono::milliseconds{ms}};
  place.partition.service = next();
  place.name = cursor;
  return place;
}

TimerState state_of(const model::Timer& timer) {
  TimerState state{
      .at = timer.place.due, .topic = timer.topic, .id = timer.place.name, .service = timer.place.partition.service};
  if (const auto type = timer.fields.find("ce_type")) state.type = *type;
  if (const auto key = timer.fields.find("ce_subject")) state.key = *key;
  for (const auto& [name, value] : timer.fields) state.fields.emplace(name, value);
  return state;
}

List<TimerState> page_of(AdminContext& context, const TimersQuery& query) {
  const auto limit = query.limit.value_or(50);
  std::optional<model::TimerPlace> after;
  if (query.after) after = place_of(*query.after);
  List<TimerState> answer;
  for (std::uint64_t looked_at = 0; looked_at < LOOKED_AT_MAX && answer.items.size() < limit; this_fiber::yield()) {
    const auto page = context.store.timers(after, query.topic ? PAGE : limit).or_raise();
    if (page.empty()) return answer;
    for (const auto& timer : page) {
      after = timer.place;
      ++looked_at;
      if (query.topic && timer.topic != *query.topic) continue;
      answer.items.push_back(state_of(timer));
      if (answer.items.size() == limit) break;
    }
  }
  answer.next = cursor_of(*after);
  return answer;
}

}  // namespace

void add_timer_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("timers");
  routes.get<TimersQuery>("/timers", "What is to be published later, soonest first",
                          [&context](const TimersQuery& query, Request&) { return page_of(context, query); });
}

}  // namespace tidemark::kit
