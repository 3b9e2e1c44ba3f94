#include "store/redis/entry_waiters.hpp"

#include <gtest/gtest.h>

namespace tidemark::store {
namespace {

TEST(EntryWaiters, AreWokenOnceByTheNextChangeOfTheirTopic) {
  EntryWaiters waiters;
  int woken = 0;
  const auto waiting = waiters.add("orders", waiters.changes("orders"), {5, 0}, [&] { ++woken; });
  ASSERT_TRUE(waiting.armed());
  waiters.changed("users");
  EXPECT_EQ(woken, 0);
  waiters.changed("orders");
  waiters.changed("orders");
  EXPECT_EQ(woken, 1);
}

TEST(EntryWaiters, DoNotWaitForWhatHasChangedSinceTheyLooked) {
  EntryWaiters waiters;
  const auto seen = waiters.changes("orders");
  waiters.changed("orders");
  EXPECT_FALSE(waiters.add("orders", seen, {}, [] {}).armed());
  EXPECT_TRUE(waiters.add("orders", waiters.changes("orders"), {}, [] {}).armed());
}

TEST(EntryWaiters, AreNotWokenWhenTheyHaveGivenUp) {
  EntryWaiters waiters;
  int woken = 0;
  {
    const auto waiting = waiters.add("orders", 0, {}, [&] { ++woken; });
  }
  waiters.changed("orders");
  EXPECT_EQ(woken, 0);
}

TEST(EntryWaiters, NameTheLowestIdThatSomebodyWaitsAbove) {
  EntryWaiters waiters;
  EXPECT_FALSE(waiters.lowest("orders"));
  const auto high = waiters.add("orders", 0, {9, 0}, [] {});
  {
    const auto low = waiters.add("orders", 0, {5, 1}, [] {});
    EXPECT_EQ(waiters.lowest("orders"), (StreamId{5, 1}));
  }
  EXPECT_EQ(waiters.lowest("orders"), (StreamId{9, 0}));
  waiters.changed("orders");
  EXPECT_FALSE(waiters.lowest("orders"));
}

}  // namespace
}  // namespace tidemark::store
