#include "savings.hpp"

#include <gtest/gtest.h>

#include <tidemark/simulation.hpp>

using namespace tidemark::testing;
using tidemark::Service;

struct ThreeDeposits : Scenario {
  std::vector<const Service*> services() override { return {&savings}; }

  void play(Simulation& world) override {
    for (const std::string key : {"monday", "tuesday", "friday"}) {
      const auto reply = world.request_until_answered("savings", "POST", "/deposits",
                                                      R"({"account":"ann","amount":10})", {{"Idempotency-Key", key}});
      world.require(reply.status == 202, "a deposit was refused: " + reply.body);
    }
  }

  void check(Simulation& world) override {
    const auto account = tidemark::from_json<Account>(world.request("savings", "GET", "/accounts/ann").body);
    world.require(account.balance == 30, "deposited 30, but the balance is " + std::to_string(account.balance));
    world.require(bank.collected() == 30, "deposited 30, but the bank collected " + std::to_string(bank.collected()));
  }

  Bank bank;  // stands outside of the store: it survives crashes
  Service savings = make_savings(bank);
};

TEST(Savings, AddUpWhereverThePowerFails) { every_crash<ThreeDeposits>(); }

TEST(Savings, AddUpWhateverBefallsTwoProcesses) { random_schedules<ThreeDeposits>({.seeds = 50}); }
