#include "fiber/manual_loop.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>
#include <vector>

#include "fiber/completion.hpp"
#include "fiber/sync.hpp"

namespace tidemark::fiber {
namespace {

using namespace std::chrono_literals;

TEST(ManualLoop, AdvanceMeetsEveryDeadlineInOrderAtItsTime) {
  VirtualClock clock;
  ManualLoop driver{clock};
  const Instant start = clock.instant();
  std::vector<Duration> woken;
  for (const auto delay : {300ms, 7ms, 24h / 1ms * 1ms, 100ms}) {
    driver.loop().spawn("sleeper", [&, delay] {
      this_fiber::sleep_for(delay);
      woken.push_back(clock.instant() - start);
    });
  }
  driver.run_ready();
  EXPECT_EQ(driver.next_deadline(), start + 7ms);
  driver.advance(48h);
  EXPECT_EQ(woken, (std::vector<Duration>{7ms, 100ms, 300ms, 24h}));
  EXPECT_EQ(clock.instant(), start + 48h);
  EXPECT_EQ(driver.next_deadline(), std::nullopt);
  EXPECT_FALSE(driver.advance_to_next());
}

TEST(ManualLoop, RunMovesVirtualTimeAndThrowsWhatTheBodyThrows) {
  VirtualClock clock;
  ManualLoop driver{clock};
  const Instant start = clock.instant();
  EXPECT_THROW(driver.run("faulty",
                          [] {
                            this_fiber::sleep_for(1h);
                            throw std::runtime_error{"broken"};
                          }),
               std::runtime_error);
  EXPECT_EQ(clock.instant(), start + 1h);
}

TEST(ManualLoop, RunUntilWaitsForOtherThreadsButNotForever) {
  VirtualClock clock;
  ManualLoop driver{clock};
  bool posted = false;
  std::thread other{[&] { driver.loop().post([&] { posted = true; }); }};
  EXPECT_TRUE(driver.run_until([&] { return posted; }));
  other.join();
  EXPECT_FALSE(driver.run_until([] { return false; }, 1ms));
}

TEST(ManualLoop, KeepsRealTimeWithARealClock) {
  ManualLoop driver{Clock::system()};
  const Instant start = Clock::system().instant();
  driver.run("sleeper", [] { this_fiber::sleep_for(30ms); });
  EXPECT_GE(Clock::system().instant() - start, 30ms);
}

TEST(ManualLoop, SeveralShareAThreadAndAClock) {
  VirtualClock clock;
  ManualLoop first{clock};
  ManualLoop second{clock};
  const Completion<int> asked{second.loop()};
  const Completion<int> answered{first.loop()};
  int answer = 0;
  first.loop().spawn("asking", [&] {
    asked.set(20);
    answer = answered.wait();
  });
  second.loop().spawn("answering", [&] { answered.set(asked.wait() + 1); });
  for (int i = 0; i < 3; ++i) {
    first.run_ready();
    second.run_ready();
  }
  EXPECT_EQ(answer, 21);
}

TEST(ManualLoop, ATimerCanBeMovedCancelledAndDestroyedByItsOwnCallback) {
  VirtualClock clock;
  ManualLoop driver{clock};
  int calls = 0;
  auto timer = std::make_unique<std::optional<Timer>>();
  timer->emplace(driver.loop(), [&] {
    if (++calls < 3) {
      (*timer)->arm(clock.instant() + 10ms);
    } else {
      timer.reset();
    }
  });
  (*timer)->arm(clock.instant() + 1h);
  (*timer)->arm(clock.instant() + 10ms);
  EXPECT_TRUE((*timer)->armed());
  driver.advance(29ms);
  EXPECT_EQ(calls, 2);
  (*timer)->cancel();
  driver.advance(1h);
  EXPECT_EQ(calls, 2);
  (*timer)->arm(clock.instant());
  driver.run_ready();
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(timer, nullptr);
}

TEST(ManualLoopDeathTest, AFiberThatCannotBeStoppedIsNamed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        VirtualClock clock;
        Signal never;
        ManualLoop driver{clock};
        driver.loop().spawn("unstoppable", [&] {
          const UncancellableScope stubborn;
          never.wait();
        });
        driver.run_ready();
      },
      "unstoppable");
}

}  // namespace
}  // namespace tidemark::fiber
