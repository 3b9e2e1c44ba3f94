#include <gtest/gtest.h>

#include "engine/test_engine.hpp"

namespace tidemark::engine {
namespace {

const model::Partition PARTITION{"shop", 0};

void maintain_until_done(TestEngine& engine) {
  while (engine->maintain().value() <= engine.clock().now()) {
  }
}

model::TimerChange timer(std::string name, TimePoint due) {
  return {name, due, "reminders", fields_of({{"text", name}})};
}

TEST(DueTimers, publish_when_they_are_due_and_once) {
  TestEngine engine;
  const auto now = engine.clock().now();
  model::Commit commit{.partition = PARTITION};
  commit.timers = {timer("b", now + Duration{200}), timer("a", now + Duration{100}), timer("c", now + Duration{300})};
  engine->commit(commit).value();
  EXPECT_EQ(engine->maintain().value(), now + Duration{100});
  engine.clock().advance(Duration{200});
  engine.reopen_after_crash();
  maintain_until_done(engine);
  EXPECT_EQ(engine.texts("reminders"), (std::vector<std::string>{"a", "b"}));
  engine.reopen_after_crash();
  maintain_until_done(engine);
  EXPECT_EQ(engine.texts("reminders"), (std::vector<std::string>{"a", "b"}));
}

TEST(DueTimers, in_a_crowd_are_published_a_bounded_number_at_a_time_until_none_is_left) {
  TestEngine engine;
  model::Commit commit{.partition = PARTITION};
  for (int i = 0; i < 500; ++i) commit.timers.push_back(timer(std::to_string(i), engine.clock().now()));
  engine->commit(commit).value();
  EXPECT_EQ(engine->maintain().value(), engine.clock().now());
  EXPECT_LT(engine.texts("reminders").size(), 500u);
  maintain_until_done(engine);
  EXPECT_EQ(engine.texts("reminders").size(), 500u);
}

TEST(DueTimers, wake_who_waits_for_their_topic) {
  TestEngine engine;
  engine->declare_topic({"reminders", {}}).value();
  int woken = 0;
  const auto watch = engine->watch_topic("reminders", StreamId::min(), [&] { ++woken; }).value();
  model::Commit commit{.partition = PARTITION};
  commit.timers = {timer("a", engine.clock().now())};
  engine->commit(commit).value();
  EXPECT_EQ(woken, 0);
  maintain_until_done(engine);
  EXPECT_EQ(woken, 1);
}

TEST(ExpiringKeys, are_absent_from_their_expiry_on_and_erased_later) {
  TestEngine engine;
  model::Commit commit{.partition = PARTITION};
  commit.keys.push_back({"k", "v", engine.clock().now() + Duration{100}});
  engine->commit(commit).value();
  EXPECT_EQ(engine->find_key(PARTITION, "k").value().value, "v");
  engine.clock().advance(Duration{100});
  EXPECT_FALSE(engine->find_key(PARTITION, "k").value().value);
  maintain_until_done(engine);
  EXPECT_FALSE(engine->find_key(PARTITION, "k").value().value);
}

class Retention : public testing::Test {
 protected:
  void declare(model::Retention retention) { engine->declare_topic({"t", retention}).value(); }
  void publish(int count) {
    for (int i = 0; i < count; ++i) engine.publish("t", std::string(84, 'x'));  // 108 bytes with the id
  }
  std::uint64_t length() { return engine->topic("t").value().length; }
  TestEngine engine;
};

TEST_F(Retention, keeps_a_count) {
  declare({.count = 10});
  publish(25);
  const auto last = engine->topic("t").value().last_id;
  maintain_until_done(engine);
  EXPECT_EQ(length(), 10u);
  EXPECT_EQ(engine->topic("t").value().last_id, last);
  engine.reopen();
  EXPECT_EQ(length(), 10u);
  EXPECT_EQ(engine->topic("t").value().retention.count, 10u);
}

TEST_F(Retention, keeps_bytes) {
  publish(1);
  const auto each = engine->topic("t").value().bytes;
  declare({.bytes = 5 * each});
  publish(20);
  maintain_until_done(engine);
  EXPECT_EQ(length(), 5u);
  EXPECT_EQ(engine->topic("t").value().bytes, 5 * each);
}

TEST_F(Retention, keeps_what_is_young) {
  declare({.age = Duration{1000}});
  publish(3);
  engine.clock().advance(Duration{600});
  publish(4);
  engine.clock().advance(Duration{600});
  maintain_until_done(engine);
  EXPECT_EQ(length(), 4u);
  engine.clock().advance(Duration{600});
  maintain_until_done(engine);
  EXPECT_EQ(length(), 0u);
  publish(1);
  EXPECT_EQ(engine.texts("t").size(), 1u);
}

TEST_F(Retention, keeps_what_a_group_has_not_acknowledged) {
  declare({.count = 0});
  engine->declare_group("t", "slow", StreamId::min()).value();
  publish(5);
  maintain_until_done(engine);
  EXPECT_EQ(length(), 5u);
  const auto batch = engine->deliver({"t", "slow", "ann"}, 3, SIZE_MAX).value();
  const std::vector acknowledged{batch.deliveries[0].id, batch.deliveries[2].id};
  engine->acknowledge("t", "slow", acknowledged).value();
  maintain_until_done(engine);
  EXPECT_EQ(length(), 4u);
  engine->remove_group("t", "slow").value();
  maintain_until_done(engine);
  EXPECT_EQ(length(), 0u);
}

TEST_F(Retention, with_force_drops_it_and_the_group_goes_on_behind_it) {
  declare({.count = 2, .force = true});
  engine->declare_group("t", "slow", StreamId::min()).value();
  publish(5);
  engine->deliver({"t", "slow", "ann"}, 1, SIZE_MAX).value();
  maintain_until_done(engine);
  EXPECT_EQ(length(), 2u);
  EXPECT_EQ(engine->groups("t").value().at(0).lag, 2u);
  EXPECT_EQ(engine->deliver({"t", "slow", "ann"}, 10, SIZE_MAX).value().deliveries.size(), 2u);
  EXPECT_EQ(engine->claim({"t", "slow", "bob"}, Duration{0}, StreamId::min(), 10).value().deliveries.size(), 2u);
  EXPECT_EQ(engine->groups("t").value().at(0).pending, 2u);
}

TEST_F(Retention, of_many_entries_goes_in_bounded_steps) {
  declare({.count = 1});
  model::Commit commit;
  for (int i = 0; i < 1000; ++i) commit.publications.push_back(publication("t"));
  for (int i = 0; i < 25; ++i) engine->commit(commit).value();
  EXPECT_EQ(engine->maintain().value(), engine.clock().now());
  EXPECT_EQ(length(), 15'000u);
  maintain_until_done(engine);
  EXPECT_EQ(length(), 1u);
}

TEST_F(Retention, does_not_mind_an_approximate_trim_of_a_few) {
  publish(150);
  EXPECT_EQ(engine->trim("t", {.length = 100, .approximate = true}, true).value().count, 0u);
  EXPECT_EQ(engine->trim("t", {.length = 10, .approximate = true}, true).value().count, 140u);
}

}  // namespace
}  // namespace tidemark::engine
