// A topic that has grown long: what it costs in memory, in speed and at the next start.
#include <algorithm>

#include "engine/measure.hpp"

namespace bench {
namespace {

using namespace tidemark;

constexpr std::uint64_t TOGETHER = 100;   // publications of one commit
constexpr std::uint64_t PACED = 100'000;  // how far the disk may be behind
constexpr std::uint64_t SAMPLE = 50'000;  // entries whose handling is timed

double published_per_second(engine::Engine& engine, std::uint64_t from, std::uint64_t count) {
  const Stopwatch time;
  for (std::uint64_t number = from; number < from + count; number += TOGETHER) {
    const auto lsn = engine.commit(publication("orders", number, TOGETHER)).or_raise().lsn;
    if (number % PACED == 0) engine.storage().wait_durable(lsn);
  }
  engine.storage().wait_durable(engine.storage().sequenced());
  return static_cast<double>(count) / time.seconds();
}

double handled_per_second(engine::Engine& engine, std::uint64_t events) {
  const Stopwatch time;
  std::uint64_t handled = 0;
  while (handled < events) {
    auto batch = engine.deliver({"orders", "shop", "one"}, 100, 1 << 20).or_raise();
    if (batch.deliveries.empty()) break;
    model::Commit commit;
    commit.partition = {"bench", 0};
    for (const auto& delivery : batch.deliveries)
      commit.settlements.push_back(
          {.topic = "orders", .group = "shop", .id = delivery.id, .token = delivery.token, .error = {}});
    engine.commit(commit).or_raise();
    handled += batch.deliveries.size();
  }
  engine.storage().wait_durable(engine.storage().sequenced());
  return static_cast<double>(handled) / time.seconds();
}

}  // namespace

void measure_entries(std::uint64_t entries) {
  const Folder folder;
  const auto name = std::to_string(entries);
  {
    const auto engine = open_engine(folder.path("data"), "always");
    engine->declare_group("orders", "shop", StreamId::min()).or_raise();
    published_per_second(*engine, 0, entries - std::min(entries / 2, SAMPLE));
    say("entries/publish/" + name, published_per_second(*engine, entries, std::min(entries / 2, SAMPLE)));
    say("entries/resident_mib/" + name, resident_mib());
    say("entries/handle/" + name, handled_per_second(*engine, std::min(entries, SAMPLE)));
  }
  const Stopwatch time;
  const auto engine = open_engine(folder.path("data"), "always");
  say("entries/restart_seconds/" + name, time.seconds());
}

}  // namespace bench
