#include "engine/waiters.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/test_engine.hpp"

namespace tidemark::engine {
namespace {

TEST(Watch, is_woken_once_by_a_new_entry) {
  TestEngine engine;
  const auto first = engine.publish("t");
  int woken = 0;
  const auto watch = engine->watch_topic("t", first, [&] { ++woken; }).value();
  EXPECT_TRUE(watch.armed());
  engine.publish("t");
  engine.publish("t");
  EXPECT_EQ(woken, 1);
}

TEST(Watch, is_not_armed_when_there_is_something_already) {
  TestEngine engine;
  const auto first = engine.publish("t");
  engine.publish("t");
  EXPECT_FALSE(engine->watch_topic("t", first, [] { FAIL(); }).value().armed());
}

// The last id stays when its entry is deleted: whoever trusted it would spin.
TEST(Watch, waits_when_what_was_above_is_deleted) {
  TestEngine engine;
  const auto first = engine.publish("t"), second = engine.publish("t");
  engine->erase_entries("t", {&second, 1}).value();
  engine->declare_group("t", "g", first).value();
  EXPECT_TRUE(engine->watch_topic("t", first, [] {}).value().armed());
  EXPECT_TRUE(engine->watch_group("t", "g", [] {}).value().armed());
}

TEST(Watch, is_not_woken_when_cancelled_or_gone) {
  TestEngine engine;
  engine->declare_topic({"t", {}}).value();
  auto cancelled = engine->watch_topic("t", StreamId::min(), [] { FAIL(); }).value();
  cancelled.cancel();
  {
    const auto gone = engine->watch_topic("t", StreamId::min(), [] { FAIL(); }).value();
  }
  engine.publish("t");
}

TEST(Watch, may_use_the_engine_when_it_is_woken) {
  TestEngine engine;
  engine->declare_group("t", "g", StreamId::min()).value();
  std::size_t delivered = 0;
  const auto watch = engine
                         ->watch_group("t", "g",
                                       [&] {
                                         const auto batch = engine->deliver({"t", "g", "ann"}, 10, SIZE_MAX).value();
                                         delivered = batch.deliveries.size();
                                       })
                         .value();
  engine.publish("t");
  EXPECT_EQ(delivered, 1u);
}

TEST(Watch, of_a_group_is_woken_by_its_end_and_by_a_cursor_that_is_set_back) {
  TestEngine engine;
  engine.publish("t");
  engine->declare_group("t", "g", StreamId::max()).value();
  int woken = 0;
  auto watch = engine->watch_group("t", "g", [&] { ++woken; }).value();
  engine->set_group_cursor("t", "g", StreamId::min()).value();
  EXPECT_EQ(woken, 1);
  engine->deliver({"t", "g", "ann"}, 10, SIZE_MAX).value();
  watch = engine->watch_group("t", "g", [&] { ++woken; }).value();
  engine->remove_group("t", "g").value();
  EXPECT_EQ(woken, 2);
}

TEST(Waiters, forget_watches_that_were_cancelled) {
  Waiters waiters;
  for (int i = 0; i < 10'000; ++i) waiters.add([] { FAIL(); }).cancel();
  std::vector<Wake> wakes;
  waiters.take(wakes);
  EXPECT_LE(wakes.size(), 32u);
  for (const auto& wake : wakes) wake();
}

// One thread publishes, the others wait for each entry and never miss one, or this test does not end.
TEST(Watch, loses_no_wake_up_between_threads) {
  TestEngine engine;
  engine->declare_topic({"t", {}}).value();
  constexpr int ENTRIES = 500;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      StreamId after;
      for (int seen = 0; seen < ENTRIES;) {
        std::atomic<bool> woken{false};
        const auto watch = engine->watch_topic("t", after, [&] {
          woken = true;
          woken.notify_one();
        });
        if (watch.value().armed()) woken.wait(false);
        const auto entries = engine->read("t", {.first = after.next(), .count = 1000}).value();
        seen += static_cast<int>(entries.size());
        if (!entries.empty()) after = entries.back().id;
      }
    });
  }
  for (int i = 0; i < ENTRIES; ++i) engine.publish("t");
  for (auto& reader : readers) reader.join();
}

}  // namespace
}  // namespace tidemark::engine
