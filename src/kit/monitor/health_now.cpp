#include "kit/monitor/health_now.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "kit/monitor/activity_sampler.hpp"
#include "kit/monitor/process_usage.hpp"

namespace tidemark::kit {
namespace {

constexpr double COMMIT_SLOW_MS = 1000;
constexpr double DISK_FREE_SHARE_MIN = 0.05;
constexpr double NEARLY = 0.9;  // of a limit
constexpr double LAG_MIN = 100;

std::optional<double> in_ms(std::optional<double> seconds) {
  return seconds ? std::optional{*seconds * 1000} : std::nullopt;
}

std::optional<std::uint64_t> whole(std::optional<double> value) {
  return value && *value >= 0 ? std::optional{static_cast<std::uint64_t>(std::llround(*value))} : std::nullopt;
}

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.1f" : "%.0f", value);
  return text;
}

double rate_of_errors(const Activity& activity) {
  double sum = 0;
  for (const int status : {500, 502, 503, 504, 507})
    sum += activity.rate("tidemark_http_requests_total", {{"status", std::to_string(status)}});
  return sum;
}

void add_queues(HealthNow& now, const Activity& activity) {
  const auto add = [&](std::string name, std::string_view gauge) {
    if (const auto depth = whole(activity.value(gauge))) now.queues.push_back({std::move(name), *depth, std::nullopt});
  };
  add("events that no handler has taken yet", ActivitySampler::GROUP_LAG);
  add("deliveries not yet acknowledged", "tidemark_store_pending");
  add("requests being answered", "tidemark_http_requests_in_flight");
  add("open connections", "tidemark_http_connections");
  add("events waiting for other nodes' topics", "tidemark_store_outbox_waiting");
  add("requests to Redis that wait for an answer", "tidemark_redis_in_flight");
}

void add_limits(HealthNow& now, const Activity& activity) {
  if (now.disk_used_bytes && now.disk_free_bytes) {
    const auto used = static_cast<double>(*now.disk_used_bytes), free = static_cast<double>(*now.disk_free_bytes);
    const auto refused = whole(activity.value("tidemark_store_refused_total")).value_or(0);
    now.limits.push_back({.name = "disk", .value = used, .limit = used + free, .unit = "bytes", .reached = refused});
  }
  const auto files = open_files(), files_max = open_files_max();
  if (files && files_max)
    now.limits.push_back({.name = "open files and connections",
                          .value = static_cast<double>(*files),
                          .limit = static_cast<double>(*files_max)});
}

void judge_limit(LimitState& limit) {
  if (limit.value <= limit.limit * NEARLY) return;
  limit.health = Wellness::waiting;
  limit.why = "more than " + shown(NEARLY * 100) + " % of what there may be";
}

}  // namespace

HealthNow measure_health(const Activity& activity) {
  HealthNow now;
  now.commits_per_s = activity.rate("tidemark_store_commits_total");
  now.commit_p50_ms = in_ms(activity.quantile("tidemark_commit_seconds", {}, 0.5));
  now.commit_p99_ms = in_ms(activity.quantile("tidemark_commit_seconds", {}, 0.99));
  now.sync_p50_ms = in_ms(activity.quantile("tidemark_store_sync_seconds", {}, 0.5));
  now.sync_p99_ms = in_ms(activity.quantile("tidemark_store_sync_seconds", {}, 0.99));
  now.commits_in_sync = activity.mean("tidemark_store_sync_commits");
  now.lsn_sequenced = whole(activity.value("tidemark_store_sequenced_lsn"));
  now.lsn_durable = whole(activity.value("tidemark_store_tidemark_lsn"));
  now.disk_used_bytes = whole(activity.value("tidemark_store_disk_used_bytes"));
  now.disk_free_bytes = whole(activity.value("tidemark_store_disk_free_bytes"));
  now.memory_bytes = resident_bytes();
  now.threads = thread_count();
  now.requests_per_s = activity.rate("tidemark_http_requests_total");
  now.errors_per_s = rate_of_errors(activity);
  now.events_handled_per_s = activity.rate("tidemark_events_handled_total");
  now.failures_per_s = activity.rate("tidemark_handler_failures_total");
  now.dead_letters_per_s = activity.rate("tidemark_dead_letters_total");
  now.processors = activity.rate(ActivitySampler::PROCESSOR_SECONDS);
  add_queues(now, activity);
  add_limits(now, activity);
  return now;
}

void judge(HealthNow& now, const store::Health& store) {
  const auto say = [&](Wellness health, std::string why) {
    now.health = std::max(now.health, health);
    now.why.push_back(std::move(why));
  };
  if (!store.ready) say(Wellness::failing, "the store is not ready: " + store.reason);
  for (auto& limit : now.limits) {
    judge_limit(limit);
    if (limit.health != Wellness::ok) say(limit.health, limit.name + ": " + limit.why);
  }
  if (now.disk_free_bytes && now.disk_used_bytes) {
    const auto free = static_cast<double>(*now.disk_free_bytes);
    const auto size = free + static_cast<double>(*now.disk_used_bytes);
    if (free < size * DISK_FREE_SHARE_MIN)
      say(Wellness::waiting, "the disk has little room left; commits of endpoints are refused before it is full");
  }
  if (now.commit_p99_ms.value_or(0) > COMMIT_SLOW_MS)
    say(Wellness::waiting,
        "one commit in a hundred takes longer than " + shown(*now.commit_p99_ms) +
            " ms to be durable: the disk is slow, or others keep it busy" +
            (now.sync_p99_ms ? " (one sync in a hundred takes " + shown(*now.sync_p99_ms) + " ms)" : ""));
  if (now.errors_per_s > 0)
    say(Wellness::failing, shown(now.errors_per_s) + " requests a second are answered by an error of the server (5xx)");
  if (now.dead_letters_per_s > 0)
    say(Wellness::failing, "events go to the dead letters: " + shown(now.dead_letters_per_s) + " a second");
  else if (now.failures_per_s > 0)
    say(Wellness::waiting, shown(now.failures_per_s) + " runs of handlers a second fail and are tried again");
  const auto lag = std::ranges::find(now.queues, "events that no handler has taken yet", &QueueDepth::name);
  if (lag != now.queues.end() && static_cast<double>(lag->depth) > std::max(LAG_MIN, 10 * now.events_handled_per_s))
    say(Wellness::waiting, std::to_string(lag->depth) + " events wait for handlers, more than are handled in 10 s");
}

}  // namespace tidemark::kit
