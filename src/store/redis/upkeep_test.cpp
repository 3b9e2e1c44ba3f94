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
    while (store.run([&] { return store->maintain(); }).or_raise() <= Clock::system().now()) {
    }
  }
  // A store must have loaded the functions.
  resp::Value prune(std::uint64_t idle_ms) {
    Shared names{parse_redis_url(server_.url()).or_raise()};
    auto call =
        names.function("prune_group", {"orders", keys::runs("orders", "stock"), keys::sessions("orders", "stock")});
    call << "stock" << idle_ms;
    return server_.tell(call.command());
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
