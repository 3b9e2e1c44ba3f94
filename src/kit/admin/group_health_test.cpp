#include "kit/admin/group_health.hpp"

#include <gtest/gtest.h>

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

std::string told(const GroupSigns& signs) {
  const auto health = health_of(signs);
  return health.health + (health.why.empty() ? "" : ": " + health.why);
}

TEST(GroupHealth, IsOkWhileNothingIsWrong) {
  EXPECT_EQ(told({}), "ok");
  EXPECT_EQ(told({.lag = 500, .pending = 10, .oldest_waiting = 2s}), "ok");
}

TEST(GroupHealth, SaysWhatWaits) {
  EXPECT_EQ(told({.lag = 12'345, .oldest_waiting = 90s}), "waiting: 12,345 events wait, the oldest for 90 s");
  EXPECT_EQ(told({.pending = 1, .oldest_waiting = 3h}), "waiting: 1 event waits, the oldest for 3 h");
  EXPECT_EQ(told({.lag = 3, .is_read = false}), "waiting: nobody reads it, and 3 events wait");
  EXPECT_EQ(told({.lag = 0, .is_read = false}), "ok");
  const Pause pause{.since = {}, .reason = "the provider is down", .by = "Ann", .id = "1"};
  EXPECT_EQ(told({.pause = pause}), "waiting: paused: the provider is down");
  EXPECT_EQ(told({.lag = 2, .pause = Pause{}}), "waiting: paused; 2 events wait");
}

TEST(GroupHealth, SaysWhatFails) {
  EXPECT_EQ(told({.parked = 10'000, .dead_letters = 3, .is_full = true}),
            "failing: paused by itself: 10,000 events wait behind failing ones of their keys");
  EXPECT_EQ(told({.retrying = 1}), "failing: 1 event failed and waits for the next attempt");
  EXPECT_EQ(told({.retrying = 2, .dead_letters = 1}),
            "failing: 2 events failed and wait for the next attempt; 1 dead letter");
  EXPECT_EQ(told({.dead_letters = 1'000}), "failing: 1,000 dead letters");
  EXPECT_EQ(told({.failed_per_s = 0.5}), "failing: runs fail");
}

}  // namespace
}  // namespace tidemark::kit
