#include "json/writer.hpp"
#include "kit/admin/endpoints.hpp"
#include "kit/monitor/activity_sampler.hpp"
#include "kit/monitor/health_now.hpp"

namespace tidemark::kit {
namespace {

HealthNow health(const AdminContext& context) {
  HealthNow now = context.activity == nullptr ? HealthNow{} : measure_health(*context.activity);
  if (context.recorder != nullptr && context.recorder->is_on()) {
    const auto stats = context.recorder->stats();
    now.queues.push_back({.name = "runs remembered for journeys", .depth = stats.runs, .limit = std::nullopt});
  }
  judge(now, context.store.health());
  return now;
}

// The measures by the names that they have in GET /health.
void add_measures(MeasureHistory& history, const Activity& activity) {
  using Measure = std::optional<double> (*)(const HealthNow&);
  const auto number = [](const auto& value) {
    return value ? std::optional{static_cast<double>(*value)} : std::nullopt;
  };
  static_assert(std::is_empty_v<decltype(number)>);
  const auto newest = std::make_shared<HealthNow>();  // measured by the first of them, for all
  const auto add = [&](std::string name, Measure measure) {
    history.add(std::move(name), [newest, measure] { return measure(*newest); });
  };
  history.add("commits_per_s", [newest, &activity] {
    *newest = measure_health(activity);
    return std::optional{newest->commits_per_s};
  });
  add("commit_p50_ms", [](const HealthNow& now) { return now.commit_p50_ms; });
  add("commit_p99_ms", [](const HealthNow& now) { return now.commit_p99_ms; });
  add("sync_p50_ms", [](const HealthNow& now) { return now.sync_p50_ms; });
  add("sync_p99_ms", [](const HealthNow& now) { return now.sync_p99_ms; });
  add("commits_in_sync", [](const HealthNow& now) { return now.commits_in_sync; });
  add("requests_per_s", [](const HealthNow& now) { return std::optional{now.requests_per_s}; });
  add("errors_per_s", [](const HealthNow& now) { return std::optional{now.errors_per_s}; });
  add("events_handled_per_s", [](const HealthNow& now) { return std::optional{now.events_handled_per_s}; });
  add("failures_per_s", [](const HealthNow& now) { return std::optional{now.failures_per_s}; });
  add("dead_letters_per_s", [](const HealthNow& now) { return std::optional{now.dead_letters_per_s}; });
  add("processors", [](const HealthNow& now) { return now.processors; });
  history.add("memory_bytes", [newest, number] { return number(newest->memory_bytes); });
  history.add("disk_used_bytes", [newest, number] { return number(newest->disk_used_bytes); });
  history.add("disk_free_bytes", [newest, number] { return number(newest->disk_free_bytes); });
  history.add("lag", [&activity] { return activity.value(ActivitySampler::GROUP_LAG); });
}

Response history_of(const MeasureHistory* history) {
  const auto hour = history == nullptr ? MeasureHistory::Hour{} : history->hour();
  json::Writer out;
  out.begin_object().key("at").begin_array();
  for (const auto at : hour.at) out.value(at);
  out.end_array();
  for (const auto& [name, values] : hour.measures) {
    out.key(name).begin_array();
    for (const auto value : values) value ? out.value(*value) : out.value(nullptr);
    out.end_array();
  }
  return Response::json(std::move(out.end_object()).text());
}

}  // namespace

void add_health_endpoints(AdminRoutes& routes, AdminContext& context) {
  if (context.history != nullptr && context.activity != nullptr) add_measures(*context.history, *context.activity);
  routes.family("health");
  routes.get("/health", "How the process and its store are doing", [&context](Request&) { return health(context); });
  routes.get("/health/history", "The last hour, a point for each 5 s: an array for each measure, parallel to `at`",
             [&context](Request&) { return history_of(context.history); });
}

}  // namespace tidemark::kit
