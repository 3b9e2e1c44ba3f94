// Deliveries of up to 100 events, each acknowledged by a commit of its own as handlers do it, or all of a delivery by
// one as XACK does; the clock stops when the last one is durable.
#include "engine/measure.hpp"

namespace bench {
namespace {

using namespace tidemark;

constexpr std::uint32_t AT_ONCE = 100;  // as XREADGROUP COUNT 100

double handled_per_second(std::uint64_t events, bool together) {
  const Folder folder;
  const auto engine = open_engine(folder.path("data"), "always");
  engine->declare_group("orders", "shop", StreamId::min()).or_raise();
  for (std::uint64_t number = 0; number < events; number += 1000)
    engine->commit(publication("orders", number, 1000)).or_raise();
  engine->storage().wait_durable(engine->sequenced());

  const Stopwatch time;
  std::uint64_t handled = 0;
  std::size_t bytes = 0;
  Lsn last;
  model::Commit commit;
  commit.partition = {"bench", 0};
  const auto settle = [&] {
    last = engine->commit(commit).or_raise().lsn;
    commit.settlements.clear();
  };
  for (;;) {
    auto batch = engine->deliver({"orders", "shop", "one"}, AT_ONCE, 1 << 20).or_raise();
    if (batch.deliveries.empty()) break;
    for (const auto& delivery : batch.deliveries) {
      bytes += delivery.fields.find("order_id")->size();
      commit.settlements.push_back(
          {.topic = "orders", .group = "shop", .id = delivery.id, .token = delivery.token, .error = {}});
      if (!together) settle();
    }
    if (together) {  // one client that waits for each reply, as beside it
      settle();
      engine->storage().wait_durable(last);
    }
    handled += batch.deliveries.size();
  }
  engine->storage().wait_durable(last);
  return bytes > 0 ? static_cast<double>(handled) / time.seconds() : 0;
}

}  // namespace

void measure_delivering(std::uint64_t events) {
  say("handle/one_by_one", handled_per_second(events, false));
  say("handle/together", handled_per_second(events, true));
}

}  // namespace bench
