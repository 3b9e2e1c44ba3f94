// The time of day jumps, either way and by hours, as when NTP or an operator sets it: nothing is lost or done twice,
// and what waits, waits as long as it was told to.
#include <gtest/gtest.h>

#include "kit/testing/test_bench.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

class ClockJumps : public ::testing::TestWithParam<Duration> {
 protected:
  static void jump(Bench& bench) { bench.clock.jump_to(bench.clock.now() + GetParam()); }
  static void append(Bench& bench, int number) {
    bench.append("noted", {{"key", "a"}, {"number", std::to_string(number)}});
  }
};

TEST_P(ClockJumps, DoNotHastenOrDelayARetry) {
  Service service{"notes"};
  Seen seen;
  int runs = 0;
  service
      .on<Noted>("noted",
                 [&](Transaction&, const Noted& event) {
                   if (++runs == 1) throw std::runtime_error{"not yet"};
                   seen.add(event.key, event.number);
                 })
      .retry({.attempts = 5, .first = 20s, .at_most = 20s});
  Bench bench{service};
  BenchDispatcher dispatcher{bench};
  append(bench, 0);
  append(bench, 1);
  ASSERT_EQ(runs, 1);
  jump(bench);
  bench.loop.advance(9s);  // its jitter takes at most half of the wait away
  EXPECT_EQ(runs, 1) << "it ran again before its time";
  bench.loop.advance(12s);
  EXPECT_EQ(seen.of("a"), first_numbers(2)) << "it waits on, or lost the order";
}

TEST_P(ClockJumps, DoNotEndTheLeaseOfSomebodyWhoIsAlive) {
  Service service{"notes"};
  Seen seen;
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  Bench bench{service};
  BenchDispatcher dispatcher{bench};
  append(bench, 0);
  bench.append_for_another("noted", {{"key", "a"}, {"number", "1"}});
  jump(bench);
  bench.loop.advance(Intake::LEASE / 2);
  EXPECT_EQ(seen.of("a").size(), 1u) << "it was taken from somebody who may be alive";
  bench.loop.advance(Intake::LEASE * 2);
  EXPECT_EQ(seen.of("a"), first_numbers(2)) << "what somebody has left is never taken over";
}

TEST_P(ClockJumps, KeepEventsInTheOrderTheyWerePublishedIn) {
  Service service{"notes"};
  Seen seen;
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  Bench bench{service};
  BenchDispatcher dispatcher{bench};
  auto last = StreamId::min();
  for (int i = 0; i < 20; ++i) {
    append(bench, i);
    const auto id = bench.store.topic("noted").or_raise().last_id;
    EXPECT_LT(last, id) << "an id is below the one before it";
    last = id;
    jump(bench);
    if (i % 2) bench.clock.jump_to(bench.clock.now() - 2 * GetParam());
  }
  EXPECT_EQ(seen.of("a"), first_numbers(20));
}

TEST_P(ClockJumps, LeaveTimersToTheTimeOfDay) {
  Service service{"notes"};
  Bench bench{service};
  const auto due = bench.clock.now() + 1h;
  model::Commit commit;
  commit.timers.push_back({.name = "t", .due = due, .topic = "noted"});
  commit.timers.back().fields.add("key", "a");
  static_cast<void>(bench.store.commit(commit).or_raise());
  const auto fired = [&] {
    bench.loop.run("maintain", [&] { static_cast<void>(bench.store.maintain().or_raise()); });
    const auto topic = bench.store.topic("noted");
    return topic ? topic->entries_added : 0;
  };
  jump(bench);
  EXPECT_EQ(fired(), bench.clock.now() >= due ? 1u : 0u);
  bench.clock.jump_to(due);
  EXPECT_EQ(fired(), 1u) << "twice, or never";
  jump(bench);
  EXPECT_EQ(fired(), 1u) << "once more";
}

INSTANTIATE_TEST_SUITE_P(, ClockJumps, ::testing::Values(5h, -5h, 240h, -240h), [](const auto& instance) {
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(instance.param).count();
  return (hours < 0 ? "back_" : "ahead_") + std::to_string(std::abs(hours)) + "_hours";
});

}  // namespace
}  // namespace tidemark::kit
