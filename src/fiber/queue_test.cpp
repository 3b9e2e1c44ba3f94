#include "fiber/queue.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <vector>

#include "base/random.hpp"
#include "fiber/manual_loop.hpp"

namespace tidemark::fiber {
namespace {

using namespace std::chrono_literals;

class QueueTest : public testing::Test {
 protected:
  FiberHandle spawn(Task body) { return driver.loop().spawn("fiber", std::move(body)); }

  VirtualClock clock;
  ManualLoop driver{clock};
};

TEST_F(QueueTest, HoldsBackWhoPushesIntoAFullOne) {
  Queue<int> queue{2};
  const FiberHandle producer = spawn([&] {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(queue.push(i));
  });
  driver.run_ready();
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_FALSE(producer.done());
  std::vector<int> taken;
  spawn([&] {
    for (int i = 0; i < 4; ++i) taken.push_back(queue.pop().value());
  });
  driver.run_ready();
  EXPECT_EQ(taken, (std::vector{0, 1, 2, 3}));
  EXPECT_TRUE(producer.done());
}

TEST_F(QueueTest, TryPushLeavesTheValueWhenThereIsNoRoom) {
  Queue<std::unique_ptr<int>> queue{1};
  auto first = std::make_unique<int>(1);
  auto second = std::make_unique<int>(2);
  EXPECT_TRUE(queue.try_push(std::move(first)));
  EXPECT_FALSE(queue.try_push(std::move(second)));
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(**queue.try_pop(), 1);
  EXPECT_EQ(queue.try_pop(), std::nullopt);
}

TEST_F(QueueTest, AClosedOneGivesWhatItHasAndThenNothing) {
  Queue<int> queue{1};
  ASSERT_TRUE(queue.try_push(1));
  const FiberHandle producer = spawn([&] { EXPECT_FALSE(queue.push(2)); });
  driver.run_ready();
  queue.close();
  const FiberHandle consumer = spawn([&] {
    EXPECT_EQ(queue.pop(), 1);
    EXPECT_EQ(queue.pop(), std::nullopt);
  });
  driver.run_ready();
  EXPECT_TRUE(producer.done());
  EXPECT_TRUE(consumer.done());
  EXPECT_FALSE(queue.try_push(3));
}

TEST_F(QueueTest, CloseWakesWhoWaitsForAValue) {
  Queue<int> queue{1};
  const FiberHandle consumer = spawn([&] { EXPECT_EQ(queue.pop(), std::nullopt); });
  driver.run_ready();
  queue.close();
  driver.run_ready();
  EXPECT_TRUE(consumer.done());
}

TEST_F(QueueTest, WaitsCanBeCancelledAndTimeOut) {
  Queue<int> empty{1};
  Queue<int> full{1};
  ASSERT_TRUE(full.try_push(0));
  FiberHandle popping = spawn([&] { EXPECT_THROW(static_cast<void>(empty.pop()), Cancelled); });
  FiberHandle pushing = spawn([&] { EXPECT_THROW(static_cast<void>(full.push(1)), Cancelled); });
  const FiberHandle late = spawn([&] {
    EXPECT_EQ(empty.pop_until(clock.instant() + 1ms), std::nullopt);
    const DeadlineScope limit{clock.instant() + 10ms};
    EXPECT_THROW(static_cast<void>(empty.pop()), DeadlineExceeded);
    EXPECT_THROW(static_cast<void>(full.push(1)), DeadlineExceeded);
  });
  driver.run_ready();
  popping.cancel();
  pushing.cancel();
  driver.advance(11ms);
  EXPECT_TRUE(popping.done() && pushing.done() && late.done());
  EXPECT_EQ(full.size(), 1u);
}

// Producers and consumers, some of which are cancelled at random: what was pushed is popped once, or still there.
TEST_F(QueueTest, LosesAndRepeatsNothingUnderCancellation) {
  const std::uint64_t seed = Random::from_entropy().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  for (int round = 0; round < 50; ++round) {
    Queue<int> queue{1 + random.below(4)};
    std::vector<int> pushed, popped;
    std::vector<FiberHandle> fibers;
    int next = 0;
    for (int i = 0; i < 6; ++i) {
      fibers.push_back(spawn([&] {
        for (int n = 0; n < 20; ++n) {
          const int value = next++;
          if (queue.push(value)) pushed.push_back(value);
          if (random.below(3) == 0) this_fiber::yield();
        }
      }));
      fibers.push_back(spawn([&] {
        while (const auto value = queue.pop()) {
          popped.push_back(*value);
          if (random.below(3) == 0) this_fiber::sleep_for(Duration{random.below(3)});
        }
      }));
    }
    for (int i = 0; i < 20; ++i) {
      driver.advance(Duration{random.below(2)});
      if (random.below(4) == 0) fibers[random.below(fibers.size())].cancel();
    }
    queue.close();
    driver.advance(1s);
    while (const auto value = queue.try_pop()) popped.push_back(*value);
    std::sort(pushed.begin(), pushed.end());
    std::sort(popped.begin(), popped.end());
    ASSERT_EQ(popped, pushed) << "round " << round;
  }
}

}  // namespace
}  // namespace tidemark::fiber
