// The shop's saga, with its real services: whatever crashes whenever, what was sold and what is left add up, every
// order ends fulfilled or refunded, and nobody pays twice.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <tidemark/simulation.hpp>

#include "inventory/inventory.hpp"
#include "payments/payments.hpp"
#include "payments/provider.hpp"

namespace shop {
namespace {

using tidemark::Money;
using tidemark::Service;
using tidemark::testing::Reply;
using tidemark::testing::Scenario;
using tidemark::testing::Simulation;
using namespace std::chrono_literals;

// A payment provider with a bad line: of each charge it refuses the first call, and loses its answer to the second.
class BadLine final : public Provider {
 public:
  std::string charge(std::string_view key, Money amount) override {
    const auto call = ++calls_[std::string{key}];
    if (call == 1) throw std::runtime_error{"the provider is busy"};
    charged.insert_or_assign(std::string{key}, amount);
    auto id = Provider::charge(key, amount);
    if (call == 2) throw std::runtime_error{"the provider's answer was lost"};
    return id;
  }
  void refund(std::string_view key, Money amount) override {
    refunded.insert_or_assign(std::string{key}, amount);
    Provider::refund(key, amount);
  }

  std::map<std::string, Money> charged, refunded;  // by idempotency key

 private:
  std::map<std::string, int> calls_;
};

template <class Document>
struct Listed {
  std::vector<Document> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(Listed<Order>, (), (items, next))

class Sales : public Scenario {
 public:
  std::vector<const Service*> services() override { return {&inventory_, &payments_}; }

  // Each order has a total of its own, by which the provider's books tell them apart.
  void play(Simulation& world) override {
    const auto made = world.request_until_answered("inventory", "POST", "/products",
                                                   R"({"name":"Lamp","price":10,"quantity_available":5})",
                                                   {{"Idempotency-Key", "lamp"}});
    world.require(made.status == 201, "the product was refused: " + made.body);
    lamp_ = tidemark::from_json<Product>(made.body).id;

    place(world, 2, "two");
    const auto again = place(world, 2, "two");
    world.require(again == orders_.at("two"), "a repeated request was answered otherwise");
    place(world, 50, "too many");
    restock(world, 10);
    place(world, 3, "three");
  }

  void check(Simulation& world) override {
    const auto reply = world.request("payments", "GET", "/orders");
    const auto orders = tidemark::from_json<Listed<Order>>(reply.body).items;
    world.require(orders.size() == std::set<std::string>{orders_["two"], orders_["too many"], orders_["three"]}.size(),
                  "other orders than those that were placed: " + reply.body);
    int sold = 0;
    for (const auto& order : orders) {
      world.require(is_known(order.id), "an order that nobody placed: " + order.id);
      const bool fulfilled = order.status == OrderStatus::fulfilled;
      world.require(fulfilled || order.status == OrderStatus::refunded, "an order has not ended: " + reply.body);
      if (fulfilled) sold += order.quantity;
      world.require(count(provider_.charged, order.total) == 1, "charged other than once: " + reply.body);
      world.require(count(provider_.refunded, order.total) == (fulfilled ? 0 : 1), "refunded wrongly: " + reply.body);
    }
    world.require(provider_.charged.size() == orders.size(), "something else was charged");
    const auto lamp = tidemark::from_json<Product>(world.request("inventory", "GET", "/products/" + lamp_).body);
    world.require(lamp.quantity_available == stocked_ - sold,
                  "stocked " + std::to_string(stocked_) + ", sold " + std::to_string(sold) + ", but " +
                      std::to_string(lamp.quantity_available) + " are left");
    world.require(world.dead_letters().empty(), "there are dead letters");
  }

 private:
  static std::ptrdiff_t count(const std::map<std::string, Money>& book, Money amount) {
    return std::ranges::count(book, amount, [](const auto& entry) { return entry.second; });
  }
  bool is_known(const std::string& id) const {
    return std::ranges::any_of(orders_, [&](const auto& order) { return order.second == id; });
  }

  // Payments hears of a product a moment after it was made: until then it answers 404.
  std::string place(Simulation& world, int quantity, const std::string& key) {
    const auto body = R"({"product_id":")" + lamp_ + R"(","quantity":)" + std::to_string(quantity) + "}";
    Reply reply;
    world.wait_until([&] {
      reply = world.request_until_answered("payments", "POST", "/orders", body, {{"Idempotency-Key", key}});
      if (reply.status == 404) world.wait(100ms);
      return reply.status != 404;
    });
    world.require(reply.status == 201, "an order was refused: " + reply.body);
    return orders_[key] = tidemark::from_json<Order>(reply.body).id;
  }

  // Stock is sold meanwhile, so the change names the version that it was made from, until that is the newest.
  void restock(Simulation& world, int more) {
    for (int i = 0;; ++i) {
      const auto seen = world.request_until_answered("inventory", "GET", "/products/" + lamp_);
      const auto lamp = tidemark::from_json<Product>(seen.body);
      const auto body =
          R"({"name":"Lamp","price":12,"quantity_available":)" + std::to_string(lamp.quantity_available + more) + "}";
      const auto reply = world.request_until_answered(
          "inventory", "PUT", "/products/" + lamp_, body,
          {{"If-Match", seen.header("ETag")}, {"Idempotency-Key", "restock-" + std::to_string(i)}});
      if (reply.status == 412) continue;
      world.require(reply.status == 200, "the stock could not be changed: " + reply.body);
      stocked_ += more;
      return;
    }
  }

  BadLine provider_;
  Service inventory_ = make_inventory();
  Service payments_ = make_payments(provider_);
  std::string lamp_;
  std::map<std::string, std::string> orders_;  // ids by the key that they were placed with
  int stocked_ = 5;
};

void report(const tidemark::testing::Explored& explored) {
  std::cout << explored.schedules << " schedules, " << explored.crashes << " crashes\n";
}

TEST(Sales, AddUpWhereverThePowerFails) {
  const auto explored = tidemark::testing::every_crash<Sales>();
  EXPECT_EQ(explored.schedules, 1 + 2 * explored.changes);
  EXPECT_GT(explored.changes, 40u);
  report(explored);
}

TEST(Sales, AddUpInSeveralPartitionsWhereverThePowerFails) {
  const auto explored = tidemark::testing::every_crash<Sales>({.partitions = 2});
  EXPECT_EQ(explored.schedules, 1 + 2 * explored.changes);
  report(explored);
}

TEST(Sales, AddUpInOneProcessThatIsStruckAgainAndAgain) {
  const auto explored =
      tidemark::testing::random_schedules<Sales>({.seeds = 80, .instances = 1, .partitions = 1, .misfortunes = 8});
  EXPECT_GT(explored.crashes, explored.schedules);
  report(explored);
}

TEST(Sales, AddUpInTwoProcessesThatCrashAndStandStill) {
  const auto explored = tidemark::testing::random_schedules<Sales>({.seeds = 150});
  EXPECT_GT(explored.crashes, explored.schedules);
  report(explored);
}

TEST(Sales, AddUpInThreeProcessesOnOnePartition) {
  const auto explored =
      tidemark::testing::random_schedules<Sales>({.seeds = 50, .instances = 3, .partitions = 1, .misfortunes = 10});
  EXPECT_GT(explored.crashes, explored.schedules);
  report(explored);
}

}  // namespace
}  // namespace shop
