#include "fiber/fiber.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "fiber/manual_loop.hpp"
#include "fiber/sync.hpp"

namespace tidemark::fiber {
namespace {

using namespace std::chrono_literals;

class FiberTest : public testing::Test {
 protected:
  Loop& loop() { return driver.loop(); }

  VirtualClock clock;
  ManualLoop driver{clock};
  std::vector<std::string> log;
};

TEST_F(FiberTest, RunsNotWithinSpawnButInTheOrderOfSpawning) {
  loop().spawn("a", [&] { log.emplace_back("a"); });
  loop().spawn("b", [&] { log.emplace_back("b"); });
  EXPECT_TRUE(log.empty());
  driver.run_ready();
  EXPECT_EQ(log, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(loop().fiber_count(), 0u);
}

TEST_F(FiberTest, KnowsItsNameAndCutsLongOnes) {
  std::string seen;
  const FiberHandle handle = loop().spawn(std::string(100, 'n'), [&] { seen = this_fiber::name(); });
  driver.run_ready();
  EXPECT_EQ(seen, std::string(47, 'n'));
  EXPECT_EQ(handle.name(), seen);
}

TEST_F(FiberTest, SleepsUntilTheClockSaysSo) {
  const FiberHandle sleeper = loop().spawn("sleeper", [] { this_fiber::sleep_for(100ms); });
  driver.run_ready();
  driver.advance(99ms);
  EXPECT_FALSE(sleeper.done());
  driver.advance(1ms);
  EXPECT_TRUE(sleeper.done());
}

TEST_F(FiberTest, SleepingUntilThePastReturns) {
  const FiberHandle sleeper = loop().spawn("sleeper", [&] { this_fiber::sleep_until(clock.instant() - 1h); });
  driver.run_ready();
  EXPECT_TRUE(sleeper.done());
}

TEST_F(FiberTest, YieldLetsTheOthersRun) {
  for (const char* name : {"a", "b"}) {
    loop().spawn(name, [&, name] {
      for (int i = 0; i < 2; ++i) {
        log.emplace_back(name);
        this_fiber::yield();
      }
    });
  }
  driver.run_ready();
  EXPECT_EQ(log, (std::vector<std::string>{"a", "b", "a", "b"}));
}

TEST_F(FiberTest, YieldLetsPostedTasksRun) {
  bool posted_ran = false;
  driver.run("yielding", [&] {
    loop().post([&] { posted_ran = true; });
    this_fiber::yield();
    EXPECT_TRUE(posted_ran);
  });
}

TEST_F(FiberTest, CancelEndsTheCurrentWaitAndRunsDestructors) {
  struct Note {
    std::vector<std::string>& log;
    ~Note() { log.emplace_back("cleaned up"); }
  };
  FiberHandle fiber = loop().spawn("cancelled", [&] {
    const Note note{log};
    this_fiber::sleep_until(Instant::max());
    log.emplace_back("went on");
  });
  driver.run_ready();
  fiber.cancel();
  EXPECT_FALSE(fiber.done()) << "cancel() does not wait";
  driver.run_ready();
  EXPECT_TRUE(fiber.done());
  EXPECT_EQ(log, (std::vector<std::string>{"cleaned up"}));
}

TEST_F(FiberTest, CancelMeetsTheNextWaitOfAFiberThatHasNotBegun) {
  FiberHandle fiber = loop().spawn("early", [&] {
    log.emplace_back("began");
    this_fiber::sleep_for(1ms);
    log.emplace_back("went on");
  });
  fiber.cancel();
  driver.run_ready();
  EXPECT_EQ(log, (std::vector<std::string>{"began"}));
}

TEST_F(FiberTest, CancellationStays) {
  int thrown = 0;
  FiberHandle fiber = loop().spawn("stubborn", [&] {
    for (int i = 0; i < 3; ++i) {
      try {
        this_fiber::sleep_for(1s);
      } catch (const Cancelled& error) {
        EXPECT_EQ(error.code(), ErrorCode::cancelled);
        ++thrown;
      }
    }
    EXPECT_TRUE(this_fiber::cancelled());
    EXPECT_THROW(this_fiber::check(), Cancelled);
    EXPECT_THROW(this_fiber::yield(), Cancelled);
  });
  driver.run_ready();
  fiber.cancel();
  driver.run_ready();
  EXPECT_EQ(thrown, 3);
}

TEST_F(FiberTest, AWaitThatWasNotifiedBeforeTheCancelReturns) {
  Signal signal;
  FiberHandle fiber = loop().spawn("notified", [&] {
    signal.wait();
    log.emplace_back("notified");
    EXPECT_THROW(signal.wait(), Cancelled);
  });
  driver.run_ready();
  signal.notify_one();
  fiber.cancel();
  driver.run_ready();
  EXPECT_EQ(log.size(), 1u);
  EXPECT_TRUE(fiber.done());
}

TEST_F(FiberTest, AnUncancellableScopeWaitsThroughCancellationAndOuterDeadlines) {
  FiberHandle fiber = loop().spawn("cleaning", [&] {
    const DeadlineScope outer{clock.instant() + 10ms};
    try {
      this_fiber::sleep_for(1h);
    } catch (const Cancelled&) {
      {
        const UncancellableScope cleaning;
        this_fiber::sleep_for(50ms);
        const DeadlineScope inner{clock.instant() + 50ms};
        EXPECT_THROW(this_fiber::sleep_for(1h), DeadlineExceeded);
      }
      log.emplace_back("cleaned up");
      EXPECT_THROW(this_fiber::check(), Cancelled);
    }
  });
  driver.run_ready();
  fiber.cancel();
  driver.advance(99ms);
  EXPECT_TRUE(log.empty());
  driver.advance(1ms);
  EXPECT_EQ(log.size(), 1u);
}

TEST_F(FiberTest, ADeadlineEndsTheWaitsWithinItsScope) {
  driver.run("deadline", [&] {
    const Instant start = clock.instant();
    {
      const DeadlineScope limit{start + 30ms};
      EXPECT_EQ(this_fiber::deadline(), start + 30ms);
      this_fiber::sleep_for(20ms);
      try {
        this_fiber::sleep_for(20ms);
        ADD_FAILURE() << "slept past the deadline";
      } catch (const DeadlineExceeded& error) {
        EXPECT_EQ(error.code(), ErrorCode::timeout);
      }
      EXPECT_EQ(clock.instant(), start + 30ms);
      EXPECT_THROW(this_fiber::yield(), DeadlineExceeded) << "it has passed for every later wait, too";
    }
    EXPECT_EQ(this_fiber::deadline(), Instant::max());
    this_fiber::sleep_for(20ms);
  });
}

TEST_F(FiberTest, OfNestedDeadlinesTheEarliestCounts) {
  driver.run("nested", [&] {
    const Instant start = clock.instant();
    const DeadlineScope outer{start + 10ms};
    {
      const DeadlineScope later{start + 100ms};
      EXPECT_EQ(this_fiber::deadline(), start + 10ms);
    }
    {
      const DeadlineScope earlier{start + 5ms};
      EXPECT_THROW(this_fiber::sleep_for(1h), DeadlineExceeded);
      EXPECT_EQ(clock.instant(), start + 5ms);
    }
    this_fiber::sleep_for(1ms);
  });
}

TEST_F(FiberTest, ALimitOfAWaitIsNoDeadline) {
  Signal signal;
  driver.run("limit", [&] {
    const DeadlineScope limit{clock.instant() + 10ms};
    EXPECT_FALSE(signal.wait_until(clock.instant() + 5ms));
    EXPECT_THROW(static_cast<void>(signal.wait_until(clock.instant() + 50ms)), DeadlineExceeded);
  });
}

TEST_F(FiberTest, JoinWaitsForTheEnd) {
  FiberHandle child = loop().spawn("child", [&] {
    this_fiber::sleep_for(10ms);
    log.emplace_back("child");
  });
  driver.run("parent", [&] {
    child.join();
    log.emplace_back("parent");
    child.join();
  });
  EXPECT_EQ(log, (std::vector<std::string>{"child", "parent"}));
}

TEST_F(FiberTest, JoinCanBeCancelledAndTimeOut) {
  FiberHandle child = loop().spawn("child", [] { this_fiber::sleep_for(1h); });
  FiberHandle parent = loop().spawn("parent", [&] {
    {
      const DeadlineScope limit{clock.instant() + 1ms};
      EXPECT_THROW(child.join(), DeadlineExceeded);
    }
    EXPECT_THROW(child.join(), Cancelled);
  });
  driver.advance(2ms);
  parent.cancel();
  driver.run_ready();
  EXPECT_TRUE(parent.done());
  EXPECT_FALSE(child.done());
}

TEST_F(FiberTest, AHandleOutlivesFiberAndLoop) {
  FiberHandle handle;
  {
    ManualLoop other{clock};
    handle = other.loop().spawn("short", [] { this_fiber::sleep_for(1h); });
    other.run_ready();
  }
  EXPECT_TRUE(handle.done());
  EXPECT_EQ(handle.name(), "short");
  handle.cancel();
}

TEST_F(FiberTest, WhatABodyThrowsGoesToTheFailureHandler) {
  std::string failed;
  loop().on_failure([&](std::string_view fiber, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      failed = std::string{fiber} + ": " + error.what();
    }
  });
  loop().spawn("faulty", [] { throw std::runtime_error{"broken"}; });
  driver.run_ready();
  EXPECT_EQ(failed, "faulty: broken");
}

TEST_F(FiberTest, AnExceptionIsHandledAcrossAWaitWhileAnotherFiberThrows) {
  const auto rethrow_after_waiting = [&](const char* text, Duration pause) {
    try {
      throw std::runtime_error{text};
    } catch (const std::exception&) {
      this_fiber::sleep_for(pause);
      try {
        throw;
      } catch (const std::exception& error) {
        log.emplace_back(error.what());
      }
    }
  };
  loop().spawn("first", [&] { rethrow_after_waiting("first", 10ms); });
  loop().spawn("second", [&] { rethrow_after_waiting("second", 5ms); });
  loop().spawn("third", [&] { rethrow_after_waiting("third", 20ms); });
  driver.advance(30ms);
  EXPECT_EQ(log, (std::vector<std::string>{"second", "first", "third"}));
}

TEST_F(FiberTest, TheLocalSlotBelongsToOneFiber) {
  int mine = 0;
  loop().spawn("a", [&] {
    EXPECT_EQ(this_fiber::local(), nullptr);
    this_fiber::local() = &mine;
    this_fiber::yield();
    EXPECT_EQ(this_fiber::local(), &mine);
  });
  loop().spawn("b", [&] { EXPECT_EQ(this_fiber::local(), nullptr); });
  driver.run_ready();
}

TEST_F(FiberTest, TenThousandWaitAtOnce) {
#if defined(__SANITIZE_THREAD__)
  constexpr int COUNT = 1'000;  // ThreadSanitizer knows 8,000 at most
#else
  constexpr int COUNT = 10'000;
#endif
  int woken = 0;
  Signal signal;
  for (int i = 0; i < COUNT; ++i) {
    loop().spawn("waiting", [&, i] {
      if (i % 2 == 0) {
        signal.wait();
      } else {
        this_fiber::sleep_for(Duration{i});
      }
      ++woken;
    });
  }
  driver.run_ready();
  EXPECT_EQ(loop().fiber_count(), static_cast<std::size_t>(COUNT));
  signal.notify_all();
  driver.advance(Duration{COUNT});
  EXPECT_EQ(woken, COUNT);
  EXPECT_EQ(loop().fiber_count(), 0u);
}

TEST_F(FiberTest, SpawnRefusesWhatIsTooMany) {
  Loop small{clock, {.fibers_at_most = 2}};
  small.spawn("one", [] {});
  small.spawn("two", [] {});
  EXPECT_THROW(small.spawn("three", [] {}), Unavailable);
  while (small.run_turn()) {
  }
  small.spawn("four", [] {});
  while (small.run_turn()) {
  }
}

TEST_F(FiberTest, TheEndOfTheLoopCancelsWhatRunsAndWhatItSpawns) {
  {
    ManualLoop other{clock};
    other.loop().spawn("parent", [&] {
      try {
        this_fiber::sleep_for(1h);
      } catch (const Cancelled&) {
        log.emplace_back("parent");
        other.loop().spawn("late", [&] {
          try {
            this_fiber::sleep_for(1h);
          } catch (const Cancelled&) {
            log.emplace_back("late");
            const UncancellableScope cleaning;
            this_fiber::sleep_for(1s);
            log.emplace_back("cleaned up");
          }
        });
      }
    });
    other.run_ready();
  }
  EXPECT_EQ(log, (std::vector<std::string>{"parent", "late", "cleaned up"}));
}

TEST(FiberDeathTest, AnExceptionThatNobodyHandlesEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  VirtualClock clock;
  ManualLoop driver{clock};
  driver.loop().spawn("faulty", [] { throw std::runtime_error{"broken"}; });
  EXPECT_DEATH(driver.run_ready(), "faulty.*broken");
  driver.loop().on_failure([](std::string_view, const std::exception_ptr&) {});
}

TEST(FiberDeathTest, WaitingWithoutAFiberIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Signal signal;
  EXPECT_DEATH(signal.wait(), "only a fiber may wait");
}

}  // namespace
}  // namespace tidemark::fiber
