// What a scenario is promised: misfortune strikes everywhere, what was acknowledged stays, and every schedule can be
// played again.
#include "tidemark/simulation.hpp"

#include <gtest/gtest.h>

#include "tidemark/tidemark.hpp"

namespace tidemark::testing {
namespace {

using namespace std::chrono_literals;

struct Tick {
  std::string id;
  int amount = 1;
};
BOOST_DESCRIBE_STRUCT(Tick, (), (id, amount))

struct Sum {
  std::string id;
  int total = 0;
};
BOOST_DESCRIBE_STRUCT(Sum, (), (id, total))

Response accept(Transaction& tx, const Tick& tick) {
  tx.publish(tick);
  return Response::empty(202);
}

void add(Transaction& tx, const Tick& tick) {
  auto sum = tx.find<Sum>(tick.id).value_or(Sum{.id = tick.id});
  sum.total += tick.amount;
  tx.put(sum);
}

Service make_counter() {
  Service service{"counter"};
  service.publishes<Tick>("ticked").key(&Tick::id);
  service.collection<Sum>("sums");
  service.on<Tick>("ticked", add).key(&Tick::id);
  service.post("/ticks", accept);
  service.get("/sums/{id}",
              [](Transaction& tx, const Request& request) { return tx.find<Sum>(request.path_parameter("id")); });
  return service;
}

struct Counting : Scenario {
  std::vector<const Service*> services() override { return {&counter}; }
  void play(Simulation& world) override {
    for (int i = 0; i < 3; ++i) {
      const auto reply = world.request_until_answered("counter", "POST", "/ticks", R"({"id":"a","amount":1})",
                                                      {{"Idempotency-Key", std::to_string(i)}});
      world.require(reply.status == 202, "a tick was refused: " + reply.body);
    }
  }
  void check(Simulation& world) override {
    const auto reply = world.request("counter", "GET", "/sums/a");
    world.require(reply.status == 200 && from_json<Sum>(reply.body).total == 3, "expected a total of 3: " + reply.body);
  }
  Service counter = make_counter();
};

TEST(EveryCrash, LosesNothingThatWasAcknowledgedAndCountsNothingTwice) {
  const auto explored = every_crash<Counting>();
  EXPECT_GT(explored.changes, 10u);
  EXPECT_EQ(explored.schedules, 1 + 2 * explored.changes);
  EXPECT_GE(explored.crashes, 2 * explored.changes);
}

TEST(RandomSchedules, LosesNothingThatWasAcknowledgedAndCountsNothingTwice) {
  const auto explored = random_schedules<Counting>({.seeds = 30});
  EXPECT_EQ(explored.schedules, 30u);
  EXPECT_GT(explored.crashes, 0u);
}

}  // namespace
}  // namespace tidemark::testing
