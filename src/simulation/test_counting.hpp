// Counting: a small scenario for the simulation's own tests. Ticks come in by HTTP, and a handler adds them up.
#pragma once
#include <string>
#include <vector>

#include "tidemark/simulation.hpp"
#include "tidemark/tidemark.hpp"

namespace tidemark::testing {

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

inline void add(Transaction& tx, const Tick& tick) {
  auto sum = tx.find<Sum>(tick.id).value_or(Sum{.id = tick.id});
  sum.total += tick.amount;
  tx.put(sum);
}

class Counting : public Scenario {
 public:
  static constexpr int TICKS = 3;

  // What the handler does.
  using Handler = std::function<void(Transaction&, const Tick&)>;
  explicit Counting(Handler handle = add) {
    counter_.publishes<Tick>("ticked").key(&Tick::id);
    counter_.collection<Sum>("sums");
    counter_.on<Tick>("ticked", std::move(handle)).key(&Tick::id).retry({.attempts = 8});
    counter_.post("/ticks", [](Transaction& tx, const Tick& tick) {
      tx.publish(tick);
      return Response::empty(202);
    });
    counter_.get("/sums/{id}", [](Transaction& tx, const Request& request) {
      return tx.find<Sum>(request.path_parameter("id")).value_or(Sum{});
    });
  }

  std::vector<const Service*> services() override { return {&counter_}; }
  void play(Simulation& world) override {
    for (int i = 0; i < TICKS; ++i) tick(world, R"({"id":"a","amount":1})", std::to_string(i));
  }
  void check(Simulation& world) override {
    world.require(total(world) == TICKS, "a total of " + std::to_string(total(world)) + " of what was accepted");
  }

 protected:
  static void tick(Simulation& world, std::string_view body, const std::string& key) {
    const auto reply = world.request_until_answered("counter", "POST", "/ticks", body, {{"Idempotency-Key", key}});
    world.require(reply.status == 202, "a tick was refused: " + reply.body);
  }
  static int total(Simulation& world) {
    const auto reply = world.request("counter", "GET", "/sums/a");
    world.require(reply.status == 200, "the sum can't be read: " + reply.body);
    return from_json<Sum>(reply.body).total;
  }

  Service counter_{"counter"};
};

}  // namespace tidemark::testing
