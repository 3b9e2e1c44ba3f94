// What time brings at a server that several processes maintain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "store/redis/keys.hpp"
#include "store/redis/test_store.hpp"

namespace tidemark::store {
namespace {

using namespace std::chrono_literals;
using redis::Command;

const model::Partition PARTITION{"clock", 0};

model::Commit timers(const std::string& topic, int count) {
  model::Commit commit;
  commit.partition = PARTITION;
  for (int i = 0; i < count; ++i)
    commit.timers.push_back({.name = topic + std::to_string(i),
                             .due = Clock::system().now() - 1s,
                             .topic = topic,
                             .fields = text_fields(std::to_string(i))});
  return commit;
}

class UpkeepOnServer : public testing::Test {
 protected:
  // Until it has nothing more to do at once.
  static void maintain(StoreOn& store) {
    for (TimePoint again{}; again <= Clock::system().now();)
      again = store.run([&] { return store->maintain(); }).or_raise();
  }
  // A store must have loaded the functions.
  void prune(std::uint64_t idle_ms) {
    Shared names{parse_redis_url(server_.url()).or_raise()};
    for (std::string next = "0";;) {
      auto call =
          names.function("prune_group", {"orders", keys::runs("orders", "stock"), keys::sessions("orders", "stock")});
      call << "stock" << idle_ms << next;
      const auto answer = server_.tell(call.command());
      next = answer.items.size() > 1 ? answer.items.at(1).text : "0";
      if (next == "0") return;
    }
  }
  std::size_t consumers() { return server_.tell(Command{"XINFO", "CONSUMERS", "orders", "stock"}).items.size(); }

  redis::testing::RedisServer server_;
};

TEST_F(UpkeepOnServer, PublishesATimerOnceThoughTwoProcessesLookForIt) {
  constexpr int COUNT = 150;
  StoreOn one{server_.url()}, other{server_.url()};
  one.run([&] { return one->commit(timers("alarms", COUNT)); }).or_raise();
  for (int round = 0; round < 3; ++round) {
    static_cast<void>(one.run([&] { return one->maintain(); }).or_raise());
    static_cast<void>(other.run([&] { return other->maintain(); }).or_raise());
  }
  maintain(one);
  std::set<std::string> texts;
  const auto entries = one.run([&] { return one->read("alarms", {}, 1000); }).or_raise();
  for (const auto& entry : entries) texts.emplace(entry.fields.find("text").value_or(""));
  EXPECT_EQ(entries.size(), std::size_t{COUNT});
  EXPECT_EQ(texts.size(), std::size_t{COUNT});
}

TEST_F(UpkeepOnServer, PublishesOtherTimersWhenTheKeyOfOneIsNoStream) {
  StoreOn store{server_.url()};
  server_.tell(Command{"SET", "taken", "by something else"});
  store.run([&] { return store->commit(timers("taken", 1)); }).or_raise();
  store.run([&] { return store->commit(timers("free", 1)); }).or_raise();
  static_cast<void>(store.run([&] { return store->maintain(); }).or_raise());
  EXPECT_EQ(store.run([&] { return store->read("free", {}, 10); }).or_raise().size(), 1u);
  EXPECT_EQ(server_.tell(Command{"GET", "taken"}).text, "by something else");
}

TEST_F(UpkeepOnServer, PublishesOtherTimersHoweverManyCannotBePublished) {
  StoreOn store{server_.url()};
  server_.tell(Command{"SET", "taken", "by something else"});
  server_.tell(Command{"XADD", "full", "18446744073709551615-18446744073709551615", "text", "the last id there is"});
  store.run([&] { return store->commit(timers("full", 3)); }).or_raise();
  store.run([&] { return store->commit(timers("taken", 200)); }).or_raise();
  auto later = timers("free", 100);
  for (auto& timer : later.timers) timer.due = *timer.due + 500ms;
  store.run([&] { return store->commit(later); }).or_raise();
  maintain(store);
  EXPECT_EQ(store.run([&] { return store->read("free", {}, 1000); }).or_raise().size(), 100u);

  EXPECT_EQ(server_.tell(Command{"ZCARD", keys::timers(PARTITION)}).number, 203) << "they are given up";
  server_.tell(Command{"DEL", "taken"});
  server_.tell(Command{"DEL", "full"});
  // As if the time until they are tried again had passed.
  for (const auto& name : server_.tell(Command{"ZRANGE", keys::timers(PARTITION), 0, -1}).items)
    server_.tell(Command{"ZADD", keys::timers(PARTITION), 1, name.text});
  maintain(store);
  EXPECT_EQ(store.run([&] { return store->read("taken", {}, 1000); }).or_raise().size(), 200u);
  EXPECT_EQ(store.run([&] { return store->read("full", {}, 1000); }).or_raise().size(), 3u);
}

TEST_F(UpkeepOnServer, TrimsOtherTopicsWhenTheKeyOfOneIsNoStream) {
  StoreOn store{server_.url()};
  for (const auto* name : {"a", "b"}) {
    const model::TopicDefinition topic{.name = name, .retention = {.count = 1}};
    store.run([&] { return store->declare_topic(topic); }).or_raise();
  }
  server_.tell(Command{"SET", "a", "by something else"});
  for (int i = 0; i < 5; ++i) server_.tell(Command{"XADD", "b", "*", "text", i});
  static_cast<void>(store.run([&] { return store->maintain(); }));
  EXPECT_EQ(server_.tell(Command{"XLEN", "b"}).number, 1);
}

TEST_F(UpkeepOnServer, ForgetsRecordsOfWhatWasAcknowledgedByHand) {
  StoreOn store{server_.url()};
  store.run([&] { return store->declare_group("orders", "stock", {}); }).or_raise();
  constexpr int COUNT = 2500;
  for (int i = 1; i <= COUNT; ++i) server_.tell(Command{"XADD", "orders", std::to_string(i) + "-0", "text", i});
  const auto fetched = [&] {
    const Subscription by{"orders", "stock", "a"};
    return store.run([&] { return store->fetch(by, 1000, 1 << 20, Clock::system().instant()); })
        .or_raise()
        .deliveries.size();
  };
  for (std::size_t all = 0; all < COUNT;) all += fetched();
  const auto records = [&] { return server_.tell(Command{"HLEN", keys::runs("orders", "stock")}).number; };
  const auto sessions = [&] { return server_.tell(Command{"HLEN", keys::sessions("orders", "stock")}).number; };
  ASSERT_EQ(records(), COUNT);
  for (int i = 1; i < COUNT; ++i) server_.tell(Command{"XACK", "orders", "stock", std::to_string(i) + "-0"});
  prune(24 * 3600 * 1000);
  EXPECT_EQ(records(), 1) << "of the one that is pending";
  EXPECT_EQ(sessions(), 1);

  server_.tell(Command{"XACK", "orders", "stock", std::to_string(COUNT) + "-0"});
  ASSERT_TRUE(redis::testing::eventually([&] {
    prune(0);
    return sessions() == 0;
  }));
  EXPECT_EQ(records(), 0);
}

TEST_F(UpkeepOnServer, ForgetsOnlyConsumersThatHoldNothing) {
  StoreOn store{server_.url()};
  const auto fetch = [&](const char* consumer) {
    const Subscription by{"orders", "stock", consumer};
    return store.run([&] { return store->fetch(by, 1, 1 << 20, Clock::system().instant()); }).or_raise().deliveries;
  };
  store.run([&] { return store->declare_group("orders", "stock", {}); }).or_raise();
  server_.tell(Command{"XADD", "orders", "*", "text", "1"});
  server_.tell(Command{"XADD", "orders", "*", "text", "2"});
  const auto held = fetch("holds one");
  const auto settled = fetch("held one");
  server_.tell(Command{"XACK", "orders", "stock", settled.at(0).id.text()});
  ASSERT_EQ(consumers(), 2u);

  prune(24 * 3600 * 1000);
  EXPECT_EQ(consumers(), 2u) << "both were busy a moment ago";
  ASSERT_TRUE(redis::testing::eventually([&] {
    prune(0);
    return consumers() == 1;
  }));
  EXPECT_EQ(server_.tell(Command{"XINFO", "CONSUMERS", "orders", "stock"}).items.at(0).items.at(1).text, "holds one");
  EXPECT_EQ(server_.tell(Command{"HLEN", keys::sessions("orders", "stock")}).number, 1)
      << "while something is pending, it matters whose it was";
}

}  // namespace
}  // namespace tidemark::store
