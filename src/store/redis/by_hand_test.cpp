// What a person does with redis-cli: it is seen, and it confuses nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/redis/keys.hpp"
#include "store/redis/test_store.hpp"

namespace tidemark::store {
namespace {

using namespace std::chrono_literals;
using redis::Command;
using testing::HasSubstr;
using testing::IsEmpty;

const Subscription FIRST{"orders", "stock", "first"};
const Subscription SECOND{"orders", "stock", "second"};

class ByHand : public testing::Test {
 protected:
  ByHand() {
    store_.run([&] { return store_->declare_group("orders", "stock", {}); }).or_raise();
  }

  // Until the server holds up a request of the store.
  void wait_until_blocked() {
    ASSERT_TRUE(redis::testing::eventually([&] {
      store_.loop().run_ready();
      return server_.ask(Command{"INFO", "clients"}).text.find("blocked_clients:1") != std::string::npos;
    }));
  }
  StreamId add(std::string_view text) {
    return StreamId::parse(server_.tell(Command{"XADD", "orders", "*", "text", text}).text).or_raise();
  }
  std::vector<model::Delivery> fetch(Duration wait = 0ms) {
    return store_.run([&] { return store_->fetch(FIRST, 10, 1 << 20, Clock::system().instant() + wait); })
        .or_raise()
        .deliveries;
  }
  std::vector<model::Delivery> claim(Duration idle = 0ms) {
    return store_.run([&] { return store_->claim(SECOND, idle, {}, 10); }).or_raise().deliveries;
  }
  ErrorCode attempt(const model::Delivery& delivery) {  // `internal` when it succeeds
    const auto recorded = store_.run([&] { return store_->record_attempt(FIRST, delivery.id, delivery.token, 1); });
    return recorded ? ErrorCode::internal : recorded.error().code;
  }
  ErrorCode acknowledge(const model::Delivery& delivery) {
    model::Commit commit;
    commit.partition = {"stock", 0};
    commit.settlements.push_back({.topic = "orders", .group = "stock", .id = delivery.id, .token = delivery.token});
    const auto committed = store_.run([&] { return store_->commit(commit); });
    return committed ? ErrorCode::internal : committed.error().code;
  }

  redis::testing::RedisServer server_{{"appendonly yes", "appendfsync always"}};
  StoreOn store_{server_.url()};
};

TEST_F(ByHand, AnAddedEntryIsDelivered) {
  const auto id = add("1");
  const auto deliveries = fetch();
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_EQ(deliveries[0].id, id);
  EXPECT_EQ(deliveries[0].fields, text_fields("1"));
}

TEST_F(ByHand, AnAddedEntryWakesWhoWaits) {
  for (int round = 0; round < 3; ++round) {
    std::optional<Result<model::Batch>> batch;
    auto waiting = store_.loop().loop().spawn(
        "fetch", [&] { batch = store_->fetch(FIRST, 10, 1 << 20, Clock::system().instant() + 60s); });
    wait_until_blocked();
    EXPECT_FALSE(waiting.done());
    add("1");
    ASSERT_TRUE(store_.loop().run_until([&] { return waiting.done(); }));
    EXPECT_EQ((*batch)->deliveries.size(), 1u);
  }
}

TEST_F(ByHand, AnAddedEntryWakesWhoJoinedTheWaitLater) {
  const Position others[] = {{"others", {}}};
  const Position orders[] = {{"orders", {}}};
  std::optional<bool> first, second;
  const auto wait_for = [&](std::span<const Position> positions, std::optional<bool>& there) {
    return store_.loop().loop().spawn("wait", [&, positions] {
      there = store_->wait_for_entries(positions, Clock::system().instant() + 60s).or_raise();
    });
  };
  auto first_wait = wait_for(others, first);
  wait_until_blocked();
  auto second_wait = wait_for(orders, second);
  store_.loop().run_ready();
  add("1");
  ASSERT_TRUE(store_.loop().run_until([&] { return second_wait.done(); }));
  EXPECT_EQ(second, true);
  EXPECT_FALSE(first_wait.done());
  server_.tell(Command{"XADD", "others", "*", "text", "1"});
  ASSERT_TRUE(store_.loop().run_until([&] { return first_wait.done(); }));
  EXPECT_EQ(first, true);
}

TEST_F(ByHand, AnAcknowledgementFencesTheRunningHandler) {
  const auto id = add("1");
  const auto delivery = fetch().at(0);
  server_.tell(Command{"XACK", "orders", "stock", id.text()});
  EXPECT_EQ(attempt(delivery), ErrorCode::fenced);
  EXPECT_EQ(acknowledge(delivery), ErrorCode::fenced);
  const std::pair<StreamId, std::uint64_t> held[] = {{delivery.id, delivery.token}};
  EXPECT_THAT(store_.run([&] { return store_->extend_leases(FIRST, held); }).or_raise(), testing::ElementsAre(id));
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_F(ByHand, AClaimFencesTheRunningHandlerAndTheCommit) {
  const auto id = add("1");
  const auto delivery = fetch().at(0);
  server_.tell(Command{"XCLAIM", "orders", "stock", "a person", 0, id.text()});
  EXPECT_EQ(attempt(delivery), ErrorCode::fenced);
  EXPECT_EQ(acknowledge(delivery), ErrorCode::fenced);
  EXPECT_EQ(acknowledge(delivery), ErrorCode::fenced);
  const auto claimed = claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_NE(claimed[0].token, delivery.token);
}

TEST_F(ByHand, DeletedRecordsMakeThePendingNobodysUntilAClaim) {
  add("1");
  const auto delivery = fetch().at(0);
  server_.tell(Command{"DEL", keys::runs("orders", "stock")});
  EXPECT_EQ(attempt(delivery), ErrorCode::fenced);
  EXPECT_EQ(acknowledge(delivery), ErrorCode::fenced);
  const auto claimed = claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_NE(claimed[0].token, delivery.token);
  EXPECT_EQ(claimed[0].attempts, 0u);
}

TEST_F(ByHand, WhatAForeignConsumerOfTheGroupReadsIsClaimedWhenItIsIdle) {
  const auto id = add("1");
  server_.tell(Command{"XREADGROUP", "GROUP", "stock", "a script", "STREAMS", "orders", ">"});
  EXPECT_THAT(claim(1h), IsEmpty());
  const auto claimed = claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].id, id);
  EXPECT_EQ(claimed[0].deliveries, 2u);
}

TEST_F(ByHand, AKeyOfAnotherTypeIsNamedAndDoesNoHarm) {
  server_.tell(Command{"SET", "text", "not a stream"});
  const auto declared = store_.run([&] { return store_->declare_group("text", "stock", {}); });
  ASSERT_FALSE(declared);
  EXPECT_EQ(declared.error().code, ErrorCode::invalid);
  EXPECT_THAT(declared.error().text(), HasSubstr("text"));
  EXPECT_EQ(server_.tell(Command{"GET", "text"}).text, "not a stream");
}

TEST_F(ByHand, ARestartOfTheServerEndsNoWait) {
  std::optional<Result<model::Batch>> batch;
  auto waiting = store_.loop().loop().spawn(
      "fetch", [&] { batch = store_->fetch(FIRST, 10, 1 << 20, Clock::system().instant() + 60s); });
  wait_until_blocked();
  server_.kill();
  server_.start();
  wait_until_blocked();
  EXPECT_FALSE(waiting.done());
  add("1");
  ASSERT_TRUE(store_.loop().run_until([&] { return waiting.done(); }));
  ASSERT_TRUE(*batch) << (*batch).error().text();
  EXPECT_EQ((*batch)->deliveries.size(), 1u);
}

// A replica that becomes master may not know yet what its group has handed over: that is to be had again at once,
// though it lies below all that the waiting process has seen.
TEST_F(ByHand, AWaitThatOutlivesABreakLooksAgain) {
  const auto id = add("1");
  ASSERT_EQ(fetch().size(), 1u);
  std::optional<Result<model::Batch>> batch;
  auto waiting = store_.loop().loop().spawn(
      "fetch", [&] { batch = store_->fetch(FIRST, 10, 1 << 20, Clock::system().instant() + 60s); });
  wait_until_blocked();
  server_.tell(Command{"XACK", "orders", "stock", id.text()});
  server_.tell(Command{"XGROUP", "SETID", "orders", "stock", "0"});
  server_.kill();
  server_.start();
  ASSERT_TRUE(store_.loop().run_until([&] { return waiting.done(); }));
  ASSERT_TRUE(*batch) << (*batch).error().text();
  ASSERT_EQ((*batch)->deliveries.size(), 1u);
  EXPECT_EQ((*batch)->deliveries[0].id, id);
}

// A fetch that was cancelled on its way may be executed all the same: what it was handed over must not wait for a lease
// to end, or later events of the same key would overtake it.
TEST_F(ByHand, WhatACancelledFetchWasHandedComesWithTheNextOne) {
  const auto id = add("1");
  server_.tell(Command{"CLIENT", "PAUSE", 60'000, "WRITE"});
  auto fetching = store_.loop().loop().spawn(
      "fetch", [&] { static_cast<void>(store_->fetch(FIRST, 10, 1 << 20, Clock::system().instant() + 60s)); });
  wait_until_blocked();
  fetching.cancel();
  ASSERT_TRUE(store_.loop().run_until([&] { return fetching.done(); }));
  server_.tell(Command{"CLIENT", "UNPAUSE"});
  ASSERT_TRUE(redis::testing::eventually([&] {
    return server_.tell(Command{"XPENDING", "orders", "stock"}).items[0].number == 1;
  }));
  add("2");
  const auto deliveries = fetch();
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_EQ(deliveries[0].id, id);
  EXPECT_EQ(attempt(deliveries[0]), ErrorCode::internal) << "under the token that it was handed over with";
}

}  // namespace
}  // namespace tidemark::store
