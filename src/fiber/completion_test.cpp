#include "fiber/completion.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "fiber/io_thread.hpp"
#include "fiber/manual_loop.hpp"

namespace tidemark::fiber {
namespace {

using namespace std::chrono_literals;

class CompletionTest : public testing::Test {
 protected:
  VirtualClock clock;
  ManualLoop driver{clock};
};

TEST_F(CompletionTest, HandsOverAValueThatCanOnlyBeMoved) {
  driver.run("waiting", [&] {
    const Completion<std::unique_ptr<int>> completion;
    driver.loop().post([completion] { completion.set(std::make_unique<int>(7)); });
    EXPECT_FALSE(completion.ready());
    EXPECT_EQ(*completion.wait(), 7);
  });
}

TEST_F(CompletionTest, ReturnsAtOnceWhenItWasSetBefore) {
  driver.run("waiting", [&] {
    const Completion<std::string> completion;
    completion.set("early");
    EXPECT_TRUE(completion.ready());
    EXPECT_EQ(completion.wait(), "early");
  });
}

TEST_F(CompletionTest, IsSetFromAnotherThread) {
  driver.run("waiting", [&] {
    const Completion<void> completion;
    std::thread setter{[completion] { completion.set(); }};
    completion.wait();
    setter.join();
  });
}

TEST_F(CompletionTest, SurvivesThatTheWaitingFiberWasCancelled) {
  std::optional<Completion<int>> kept;
  FiberHandle fiber = driver.loop().spawn("cancelled", [&] {
    const Completion<int> completion;
    kept = completion;
    EXPECT_THROW(completion.wait(), Cancelled);
    EXPECT_THROW(completion.wait(), Cancelled);
  });
  driver.run_ready();
  fiber.cancel();
  driver.run_ready();
  EXPECT_TRUE(fiber.done());
  kept->set(1);
  driver.run_ready();
}

TEST_F(CompletionTest, SurvivesADeadlineAndCanBeAwaitedAgain) {
  driver.run("late", [&] {
    const Completion<int> completion;
    {
      const DeadlineScope limit{clock.instant() + 10ms};
      EXPECT_THROW(completion.wait(), DeadlineExceeded);
    }
    EXPECT_FALSE(completion.wait_until(clock.instant() + 10ms));
    completion.set(5);
    EXPECT_TRUE(completion.wait_until(clock.instant() - 1ms));
    EXPECT_EQ(completion.wait(), 5);
  });
}

TEST_F(CompletionTest, MayBeSetWhenItsLoopHasEnded) {
  std::optional<Completion<std::string>> kept;
  {
    ManualLoop other{clock};
    kept.emplace(other.loop());
  }
  kept->set("nobody hears it");
}

TEST(CompletionDeathTest, IsSetOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  VirtualClock clock;
  ManualLoop driver{clock};
  const Completion<void> completion{driver.loop()};
  completion.set();
  EXPECT_DEATH(completion.set(), "set twice");
}

// Setters on several threads race with cancellations and deadlines of those who wait.
TEST(CompletionStress, ThreadsSetWhileFibersWaitOrGoAway) {
  constexpr int ROUNDS = 2'000;
  constexpr int SETTERS = 3;
  IoThread io{"completions"};
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Completion<int>> to_set;
  bool ended = false;
  std::vector<std::thread> setters;
  for (int i = 0; i < SETTERS; ++i) {
    setters.emplace_back([&] {
      std::unique_lock lock{mutex};
      for (;;) {
        changed.wait(lock, [&] { return ended || !to_set.empty(); });
        if (to_set.empty()) return;
        const Completion<int> completion = std::move(to_set.back());
        to_set.pop_back();
        lock.unlock();
        completion.set(42);
        lock.lock();
      }
    });
  }
  int received = 0, gone = 0;
  io.run("rounds", [&] {
    std::vector<FiberHandle> waiting;
    for (int i = 0; i < ROUNDS; ++i) {
      waiting.push_back(Loop::current()->spawn("waiting", [&, i] {
        const Completion<int> completion;
        {
          const std::lock_guard lock{mutex};
          to_set.push_back(completion);
        }
        changed.notify_one();
        try {
          const DeadlineScope limit{i % 3 == 0 ? Loop::current()->now() : Instant::max()};
          if (i % 3 == 1) this_fiber::yield();
          received += completion.wait() == 42 ? 1 : 0;
        } catch (const Error&) {
          ++gone;
        }
      }));
      if (i % 3 == 1) waiting.back().cancel();
      if (i % 16 == 0) this_fiber::yield();
    }
    for (FiberHandle& fiber : waiting) fiber.join();
  });
  {
    const std::lock_guard lock{mutex};
    ended = true;
  }
  changed.notify_all();
  for (std::thread& setter : setters) setter.join();
  EXPECT_EQ(received + gone, ROUNDS);
  EXPECT_GE(received, ROUNDS / 3);
}

}  // namespace
}  // namespace tidemark::fiber
