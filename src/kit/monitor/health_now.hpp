// HealthNow: how the process and its store are doing at the moment, with a reason in words for whatever is not well.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kit/monitor/activity.hpp"
#include "store/store.hpp"
#include "tidemark/described.hpp"

namespace tidemark::kit {

// ok; waiting: it will, but later than it should; failing: something does not happen at all, or goes wrong.
enum class Wellness { ok, waiting, failing };
BOOST_DESCRIBE_ENUM(Wellness, ok, waiting, failing)

struct QueueDepth {
  std::string name;
  std::uint64_t depth = 0;
  std::optional<std::uint64_t> limit;
};
BOOST_DESCRIBE_STRUCT(QueueDepth, (), (name, depth, limit))

struct LimitState {
  std::string name;
  double value = 0, limit = 0;
  std::optional<std::string> unit;
  std::uint64_t reached = 0;  // how often, since the process began
  Wellness health = Wellness::ok;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(LimitState, (), (name, value, limit, unit, reached, health, why))

struct HealthNow {
  Wellness health = Wellness::ok;
  std::vector<std::string> why;
  double commits_per_s = 0;
  std::optional<double> commit_p50_ms, commit_p99_ms, sync_p50_ms, sync_p99_ms, commits_in_sync;
  std::optional<std::uint64_t> lsn_sequenced, lsn_durable;
  std::optional<std::uint64_t> disk_used_bytes, disk_free_bytes, memory_bytes, threads;
  double requests_per_s = 0, errors_per_s = 0, events_handled_per_s = 0, failures_per_s = 0, dead_letters_per_s = 0;
  std::optional<double> processors;  // how many it keeps busy
  std::vector<QueueDepth> queues;
  std::vector<LimitState> limits;
};
BOOST_DESCRIBE_STRUCT(HealthNow, (),
                      (health, why, commits_per_s, commit_p50_ms, commit_p99_ms, sync_p50_ms, sync_p99_ms,
                       commits_in_sync, lsn_sequenced, lsn_durable, disk_used_bytes, disk_free_bytes, memory_bytes,
                       threads, requests_per_s, errors_per_s, events_handled_per_s, failures_per_s, dead_letters_per_s,
                       processors, queues, limits))

// What the counts and rates are called (ActivitySampler, the metrics of kit, http and the stores).
HealthNow measure_health(const Activity& activity);

// Says what the measured figures and the store's own report mean: fills `health` and `why` of all of it.
void judge(HealthNow& now, const store::Health& store);

}  // namespace tidemark::kit
