#include "kit/dispatch/key_queues.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace tidemark::kit {
namespace {

Item item(std::uint64_t id) {
  Item item;
  item.id = {id, 0};
  item.fields.emplace();
  return item;
}

Instant at(std::int64_t ms) { return Instant{std::chrono::milliseconds{ms}}; }

TEST(KeyQueues, RunsDifferentKeysSideBySideAndOneKeyInOrder) {
  KeyQueues queues;
  queues.push("a", item(1));
  queues.push("a", item(2));
  queues.push("b", item(3));
  auto* a = queues.take();
  auto* b = queues.take();
  ASSERT_NE(a, nullptr);
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(queues.take(), nullptr) << "the second event of a key started while the first one ran";
  EXPECT_EQ(queues.front(a).id, (StreamId{1, 0}));
  EXPECT_EQ(queues.front(b).id, (StreamId{3, 0}));
  EXPECT_TRUE(queues.finish(a));
  EXPECT_EQ(queues.front(a).id, (StreamId{2, 0}));
  EXPECT_FALSE(queues.finish(a));
  EXPECT_FALSE(queues.finish(b));
  EXPECT_EQ(queues.active(), 0u);
}

TEST(KeyQueues, AFailedEventHoldsBackItsOwnKeyOnly) {
  KeyQueues queues;
  queues.push("a", item(1));
  queues.push("a", item(2));
  queues.postpone(queues.take(), at(100));
  queues.push("a", item(3));
  queues.push("b", item(4));
  EXPECT_EQ(queues.parked(), 3u) << "events behind a failed one keep their fields in memory";
  auto* b = queues.take();
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(queues.name(b), "b");
  EXPECT_EQ(queues.take(), nullptr);
  EXPECT_EQ(queues.wake(at(99)), at(100));
  EXPECT_EQ(queues.take(), nullptr);
  EXPECT_EQ(queues.wake(at(100)), std::nullopt);
  auto* a = queues.take();
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(queues.front(a).id, (StreamId{1, 0}));
}

TEST(KeyQueues, TheEventThatRunsStaysInItsPlaceWhenOthersOfItsKeyAreDropped) {
  KeyQueues queues;
  for (std::uint64_t id = 1; id <= 5; ++id) queues.push("a", item(id));
  auto* a = queues.take();
  const Item& running = queues.front(a);
  for (std::uint64_t id = 1; id <= 5; ++id) EXPECT_TRUE(queues.drop(0, {id, 0}, 0));
  EXPECT_EQ(&queues.front(a), &running);
  EXPECT_EQ(running.id, (StreamId{1, 0}));
  EXPECT_FALSE(queues.finish(a));
}

TEST(KeyQueues, ADeliveryThatIsDueLaterWaits) {
  KeyQueues queues;
  queues.push_waiting("a", item(1), at(50));
  EXPECT_EQ(queues.take(), nullptr);
  queues.wake(at(50));
  EXPECT_NE(queues.take(), nullptr);
}

TEST(KeyQueues, ADroppedEventDoesNotRun) {
  KeyQueues queues;
  queues.push("a", item(1));
  EXPECT_TRUE(queues.drop(0, {1, 0}, 0));
  EXPECT_FALSE(queues.drop(0, {1, 0}, 0));
  EXPECT_EQ(queues.take(), nullptr);
  EXPECT_EQ(queues.active(), 0u);
}

TEST(KeyQueues, WhatWasHandedOverAnewIsNotDroppedForWhatItWasBefore) {
  KeyQueues queues;
  auto anew = item(1);
  anew.token = 2;
  queues.push("a", std::move(anew));
  EXPECT_FALSE(queues.drop(0, {1, 0}, 1));
  EXPECT_TRUE(queues.drop(0, {1, 0}, 2));
}

// Random schedules: pushes, runs that succeed or fail, and time that passes. Whatever the schedule, each key's events
// finish in the order in which they came, each exactly once, and the counts add up.
RC_GTEST_PROP(KeyQueues, EveryEventFinishesOnceAndInTheOrderOfItsKey, ()) {
  KeyQueues queues;
  std::map<std::string, std::vector<std::uint64_t>> pushed, finished;
  std::vector<KeyQueues::Key*> running;
  std::uint64_t next = 1;
  std::int64_t now = 0;
  const auto restore = [&](KeyQueues::Key* key) {
    auto& front = queues.front(key);
    if (front.fields) return;
    front.fields.emplace();
    queues.unparked();
  };
  const auto finish = [&](KeyQueues::Key* key) {
    restore(key);
    finished[queues.name(key)].push_back(queues.front(key).id.ms);
    return queues.finish(key);
  };
  for (int step = *rc::gen::inRange(1, 200); step > 0; --step) {
    switch (*rc::gen::inRange(0, 5)) {
      case 0: {
        const std::string key(1, static_cast<char>('a' + *rc::gen::inRange(0, 4)));
        pushed[key].push_back(next);
        queues.push(key, item(next++));
        break;
      }
      case 1:
        if (auto* key = queues.take()) running.push_back(key);
        break;
      case 2:
        if (!running.empty() && !finish(running.back())) running.pop_back();
        break;
      case 3:
        if (!running.empty()) {
          restore(running.back());
          queues.postpone(running.back(), at(now + *rc::gen::inRange(1, 50)));
          running.pop_back();
        }
        break;
      case 4:
        now += *rc::gen::inRange(0, 30);
        queues.wake(at(now));
        break;
    }
    RC_ASSERT(queues.running() == running.size());
  }
  queues.wake(at(now + 1000));
  while (!running.empty() || (running.push_back(queues.take()), running.back()))
    if (!finish(running.back())) running.pop_back();
  RC_ASSERT(finished == pushed);
  RC_ASSERT(queues.active() == 0u);
  RC_ASSERT(queues.parked() == 0u);
}

}  // namespace
}  // namespace tidemark::kit
