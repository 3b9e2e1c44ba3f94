#include "store/redis/upkeep.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "store/redis/answer.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/local.hpp"
#include "store/redis/names.hpp"
#include "store/redis/outboxes.hpp"
#include "telemetry/log.hpp"

namespace tidemark::store {
namespace {

using namespace std::chrono_literals;

constexpr Duration AT_LEAST = 250ms;    // another process may set a timer at any time
constexpr Duration LOOK_AROUND = 1min;  // for partitions and topics of other processes
constexpr Duration POUR = 2s;           // what a process that ended has left in outboxes
constexpr Duration TRIM = 1s;
constexpr Duration PRUNE = 1h;
constexpr Duration IDLE = 24h;  // what was not used for so long, and holds nothing, is forgotten
constexpr std::size_t TIMERS_AT_ONCE = 64;

struct Timer {
  std::string name, due, stream;
};

struct DueTimers {
  std::vector<Timer> timers;
  std::optional<TimePoint> next;  // of those that are not due yet
};

Result<DueTimers> ask_due_timers(Server& server, const model::Partition& partition) {
  auto call = server.shared().function("due_timers", {keys::timers(partition), keys::timer(partition)},
                                       FunctionCall::Effect::reads);
  call << TIMERS_AT_ONCE;
  const auto value = server.run(call);
  if (!value) return value.error();
  Answer answer{*value, 1};
  DueTimers due;
  for (const auto& item : answer.list().items) {
    Answer timer{item};
    auto& read = due.timers.emplace_back();
    read.name = timer.text();
    read.due = timer.text();
    read.stream = timer.text();
    if (!timer.good()) return strange_answer("due_timers");
  }
  if (const auto next = answer.limit()) due.next = TimePoint{Duration{static_cast<Duration::rep>(*next)}};
  if (!answer.good()) return strange_answer("due_timers");
  return due;
}

// Once for each key, however many are to be appended to it.
void report_unpublished(const model::Partition& partition, const std::vector<resp::Value>& timers) {
  std::map<std::string_view, std::size_t> of_keys;
  for (const auto& timer : timers) ++of_keys[Answer{timer, 1}.text()];
  for (const auto& timer : timers) {
    Answer of{timer};
    const auto name = of.text(), key = of.text(), why = of.text();
    if (const auto unsaid = of_keys.extract(key); !unsaid.empty()) {
      log::error(
          "timers can't be published, and are tried again every minute; rename or delete the key that they are to be "
          "appended to, or cancel them",
          {{"partition", partition.tag()},
           {"timer", name},
           {"others", unsaid.mapped() - 1},
           {"key", key},
           {"error", why}});
    }
  }
}

}  // namespace

Result<TimePoint> Upkeep::run(Local& at, const Clock& clock) {
  if (running_.exchange(true)) return clock.now() + AT_LEAST;
  struct Ended {
    std::atomic<bool>& running;
    ~Ended() { running = false; }
  } const ended{running_};
  return work(at, clock.now(), clock.instant());
}

// What fails for one partition, because its node is gone, must not stop the others.
Result<TimePoint> Upkeep::work(Local& at, TimePoint now, Instant instant) {
  auto again = now + AT_LEAST;
  std::optional<Failure> failure;
  if (instant >= look_around_at_) {
    if (const auto looked = look_around(at))
      look_around_at_ = instant + LOOK_AROUND;
    else
      failure = looked.error();
  }
  const bool pour = at.server.shared().is_cluster && instant >= pour_at_;
  if (pour) pour_at_ = instant + POUR;
  auto partitions = at.server.shared().partitions();
  partitions.insert(partitions.end(), partitions_.begin(), partitions_.end());
  std::sort(partitions.begin(), partitions.end());
  partitions.erase(std::unique(partitions.begin(), partitions.end()), partitions.end());
  for (const auto& partition : partitions) {
    if (const auto next = fire_timers(at, partition, now, again)) {
      again = *next;
    } else {
      failure = next.error();
    }
    if (!pour) continue;
    if (const auto poured = at.outboxes->forward_all(partition); !poured) failure = poured.error();
  }
  const auto more = trim(at, instant);
  if (!more) failure = more.error();
  if (more && *more) again = now;
  if (instant >= prune_at_) {
    prune_at_ = instant + PRUNE;
    if (const auto pruned = prune(at); !pruned) failure = pruned.error();
  }
  if (failure) return *failure;
  return again;
}

Result<void> Upkeep::look_around(Local& at) {
  redis::Command command{"SMEMBERS", keys::ALL_PARTITIONS};
  command.at(keys::ALL_PARTITIONS).repeatable();
  const auto members = at.server.run(command);
  if (!members) return members.error();
  partitions_.clear();
  for (const auto& member : members->items) {
    if (auto partition = partition_named(member.text)) partitions_.push_back(std::move(*partition));
  }
  auto topics = at.server.shared().topics.all(at.server);
  if (!topics) return topics.error();
  topics_ = std::move(*topics);
  return {};
}

Result<TimePoint> Upkeep::fire_timers(Local& at, const model::Partition& partition, TimePoint now, TimePoint soonest) {
  const auto due = ask_due_timers(at.server, partition);
  if (!due) return due.error();
  if (due->next) soonest = std::min(soonest, *due->next);
  if (due->timers.empty()) return std::max(soonest, now);

  std::vector<std::string> keys{keys::timers(partition), keys::timer(partition)};
  std::map<std::string, std::size_t> numbers;  // of the streams among the keys
  std::vector<std::string> streams;
  for (const auto& timer : due->timers) {
    if (numbers.try_emplace(timer.stream, streams.size() + 1).second) streams.push_back(timer.stream);
  }
  keys.insert(keys.end(), streams.begin(), streams.end());
  auto& shared = at.server.shared();
  auto fire = shared.function("fire_timers", keys, FunctionCall::Effect::repeatable);
  for (const auto& timer : due->timers) fire << timer.name << timer.due << timer.stream << numbers[timer.stream];
  const auto fired = at.server.run(fire);
  if (!fired) return fired.error();

  Answer outcome{*fired, 1};
  Answer written{outcome.list()};
  std::set<std::uint64_t> changed;
  while (!written.at_end()) changed.insert(written.number());
  const auto& failed = outcome.list().items;
  if (!outcome.good() || !written.good()) return strange_answer("fire_timers");
  for (const auto number : changed) {
    if (number >= 1 && number <= streams.size()) shared.waiters.changed(streams[number - 1]);
  }
  report_unpublished(partition, failed);
  if (shared.is_cluster && !changed.empty()) TIDEMARK_TRY(at.outboxes->forward_all(partition));
  const bool more = due->timers.size() == TIMERS_AT_ONCE;
  return more ? now : std::max(soonest, now);
}

Result<bool> Upkeep::trim(Local& at, Instant instant) {
  auto& shared = at.server.shared();
  auto topics = shared.topics.take_released();
  if (instant >= trim_at_) {
    topics = shared.topics.with_retention();
    trim_at_ = instant + TRIM;
  }
  bool more = false;
  std::optional<Failure> failure;  // of one topic: the others are trimmed all the same
  for (const auto& topic : topics) {
    const auto answer =
        at.server.run(shared.function("trim", {topic, keys::meta(topic)}, FunctionCall::Effect::repeatable));
    if (!answer) {
      failure = answer.error();
      continue;
    }
    const auto outcome = Answer{*answer, 1}.text();
    if (outcome == "none") shared.topics.has_no_retention(topic);
    if (outcome == "more") {
      shared.topics.note_released(topic);
      more = true;
    }
  }
  if (failure) return *failure;
  return more;
}

Result<void> Upkeep::prune(Local& at) {
  std::optional<Failure> failure;  // of one topic
  for (const auto& topic : topics_) {
    if (const auto pruned = prune_topic(at, topic); !pruned) failure = pruned.error();
  }
  if (failure) return *failure;
  return {};
}

Result<void> Upkeep::prune_topic(Local& at, const std::string& topic) {
  auto& shared = at.server.shared();
  const auto names = at.server.run(shared.function("group_names", {topic}, FunctionCall::Effect::reads));
  if (!names && names.error().code == ErrorCode::not_found) return {};
  if (!names) return names.error();
  Answer group{Answer{*names, 1}.list()};
  while (!group.at_end()) {
    const auto name = group.text();
    for (std::string next = "0"; !next.empty();) {
      auto call = shared.function("prune_group", {topic, keys::runs(topic, name), keys::sessions(topic, name)},
                                  FunctionCall::Effect::repeatable);
      call << name << IDLE.count() << next;
      const auto pruned = at.server.run(call);
      if (!pruned) return pruned.error();
      next = Answer{*pruned, 1}.text();
      if (next == "0") next.clear();
    }
  }
  return {};
}

}  // namespace tidemark::store
