#include "fiber/sync.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fiber/manual_loop.hpp"

namespace tidemark::fiber {
namespace {

using namespace std::chrono_literals;

class SyncTest : public testing::Test {
 protected:
  FiberHandle spawn(Task body) { return driver.loop().spawn("fiber", std::move(body)); }

  VirtualClock clock;
  ManualLoop driver{clock};
};

TEST_F(SyncTest, ASignalWakesInTheOrderOfWaiting) {
  Signal signal;
  std::vector<int> woken;
  for (int i = 0; i < 3; ++i) {
    spawn([&, i] {
      signal.wait();
      woken.push_back(i);
    });
  }
  driver.run_ready();
  signal.notify_one();
  driver.run_ready();
  EXPECT_EQ(woken, (std::vector{0}));
  signal.notify_all();
  driver.run_ready();
  EXPECT_EQ(woken, (std::vector{0, 1, 2}));
}

TEST_F(SyncTest, ASignalIsNotRemembered) {
  Signal signal;
  signal.notify_all();
  const FiberHandle fiber = spawn([&] { EXPECT_FALSE(signal.wait_until(clock.instant() + 5ms)); });
  driver.advance(5ms);
  EXPECT_TRUE(fiber.done());
}

TEST_F(SyncTest, ASignalWithAPredicateWaitsUntilItHolds) {
  Signal signal;
  int value = 0;
  const FiberHandle fiber = spawn([&] { signal.wait([&] { return value == 2; }); });
  const FiberHandle limited = spawn([&] {
    EXPECT_FALSE(signal.wait_until(clock.instant() + 1ms, [&] { return value == 3; }));
    EXPECT_TRUE(signal.wait_until(Instant::max(), [&] { return value == 2; }));
  });
  driver.run_ready();
  value = 1;
  signal.notify_all();
  driver.advance(1ms);
  EXPECT_FALSE(fiber.done());
  value = 2;
  signal.notify_all();
  driver.run_ready();
  EXPECT_TRUE(fiber.done());
  EXPECT_TRUE(limited.done());
}

// For a wait of any kind: cancelled while it waits, cancelled before, and past its deadline; nothing is taken
// meanwhile.
void expect_wait_can_be_ended(ManualLoop& driver, VirtualClock& clock, const std::function<void()>& wait) {
  int ended = 0;
  FiberHandle cancelled = driver.loop().spawn("cancelled", [&] {
    EXPECT_THROW(wait(), Cancelled);
    EXPECT_THROW(wait(), Cancelled);
    ++ended;
  });
  FiberHandle late = driver.loop().spawn("late", [&] {
    const DeadlineScope limit{clock.instant() + 10ms};
    EXPECT_THROW(wait(), DeadlineExceeded);
    EXPECT_THROW(wait(), DeadlineExceeded);
    ++ended;
  });
  driver.run_ready();
  cancelled.cancel();
  driver.run_ready();
  EXPECT_EQ(ended, 1);
  driver.advance(10ms);
  EXPECT_EQ(ended, 2);
}

TEST_F(SyncTest, EveryWaitCanBeCancelledAndHasADeadline) {
  Signal signal;
  expect_wait_can_be_ended(driver, clock, [&] { signal.wait(); });
  expect_wait_can_be_ended(driver, clock, [&] { signal.wait([] { return false; }); });
  expect_wait_can_be_ended(driver, clock, [&] { static_cast<void>(signal.wait_until(clock.instant() + 1h)); });
  Semaphore semaphore{0};
  expect_wait_can_be_ended(driver, clock, [&] { semaphore.acquire(); });
  expect_wait_can_be_ended(driver, clock, [&] { static_cast<void>(semaphore.acquire_until(Instant::max())); });
  semaphore.release();
  EXPECT_EQ(semaphore.available(), 1u) << "those who left took no permit with them";
  WaitGroup group;
  group.add();
  expect_wait_can_be_ended(driver, clock, [&] { group.wait(); });
  expect_wait_can_be_ended(driver, clock, [&] { static_cast<void>(group.wait_until(clock.instant() + 1h)); });
  group.done();
}

TEST_F(SyncTest, ACancelledWaitTakesNothingThatIsThere) {
  Semaphore semaphore{1};
  FiberHandle fiber = spawn([&] { semaphore.acquire(); });
  fiber.cancel();
  driver.run_ready();
  EXPECT_EQ(semaphore.available(), 1u);
}

TEST_F(SyncTest, ASemaphoreLetsInAsManyAsItHasPermitsInOrder) {
  Semaphore semaphore{2};
  std::vector<int> entered;
  int inside = 0, most = 0;
  for (int i = 0; i < 6; ++i) {
    spawn([&, i] {
      const Permit permit{semaphore};
      entered.push_back(i);
      most = std::max(most, ++inside);
      this_fiber::sleep_for(1ms);
      --inside;
    });
  }
  driver.advance(10ms);
  EXPECT_EQ(most, 2);
  EXPECT_EQ(entered, (std::vector{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(semaphore.available(), 2u);
}

TEST_F(SyncTest, AReleasedPermitIsNotOvertaken) {
  Semaphore semaphore{1};
  EXPECT_TRUE(semaphore.try_acquire());
  const FiberHandle waiting = spawn([&] { semaphore.acquire(); });
  driver.run_ready();
  semaphore.release();
  EXPECT_FALSE(semaphore.try_acquire()) << "it is the one's who waited";
  driver.run_ready();
  EXPECT_TRUE(waiting.done());
  driver.run("limited", [&] { EXPECT_FALSE(semaphore.acquire_until(clock.instant() + 1ms)); });
}

TEST_F(SyncTest, AWaitGroupWaitsForAll) {
  WaitGroup group;
  const FiberHandle waiting = spawn([&] { group.wait(); });
  for (int i = 1; i <= 3; ++i) {
    group.add();
    spawn([&, i] {
      this_fiber::sleep_for(Duration{i});
      group.done();
    });
  }
  driver.advance(2ms);
  EXPECT_FALSE(waiting.done());
  driver.advance(1ms);
  EXPECT_TRUE(waiting.done());
}

}  // namespace
}  // namespace tidemark::fiber
