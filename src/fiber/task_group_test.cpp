#include "fiber/task_group.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

#include "fiber/manual_loop.hpp"

namespace tidemark::fiber {
namespace {

using namespace std::chrono_literals;

class TaskGroupTest : public testing::Test {
 protected:
  VirtualClock clock;
  ManualLoop driver{clock};
};

TEST_F(TaskGroupTest, WaitReturnsWhenAllHaveEnded) {
  driver.run("parent", [&] {
    int ended = 0;
    TaskGroup group;
    for (int i = 1; i <= 5; ++i) {
      group.spawn("child", [&, i] {
        this_fiber::sleep_for(Duration{i});
        ++ended;
      });
    }
    EXPECT_EQ(group.running(), 5u);
    group.wait();
    EXPECT_EQ(ended, 5);
    EXPECT_EQ(group.running(), 0u);
  });
}

TEST_F(TaskGroupTest, TheEndOfTheScopeCancelsAndWaits) {
  driver.run("parent", [&] {
    int cleaned_up = 0;
    {
      TaskGroup group;
      for (int i = 0; i < 3; ++i) {
        group.spawn("child", [&] {
          try {
            this_fiber::sleep_for(1h);
          } catch (const Cancelled&) {
            const UncancellableScope cleaning;
            this_fiber::sleep_for(5ms);
            ++cleaned_up;
            throw;
          }
        });
      }
      this_fiber::sleep_for(1ms);
    }
    EXPECT_EQ(cleaned_up, 3);
  });
}

TEST_F(TaskGroupTest, AFailureCancelsTheOthersAndIsThrownByWait) {
  driver.run("parent", [&] {
    bool cancelled = false;
    TaskGroup group;
    group.spawn("other", [&] {
      try {
        this_fiber::sleep_for(1h);
      } catch (const Cancelled&) {
        cancelled = true;
        throw;
      }
    });
    group.spawn("failing", [] {
      this_fiber::sleep_for(1ms);
      throw std::runtime_error{"broken"};
    });
    EXPECT_THROW(group.wait(), std::runtime_error);
    EXPECT_TRUE(cancelled);
    group.wait();
  });
}

TEST_F(TaskGroupTest, UnwindingWaitsForChildrenThatUseTheFrame) {
  FiberHandle parent = driver.loop().spawn("parent", [] {
    int frame = 0;
    TaskGroup group;
    group.spawn("child", [&frame] {
      const UncancellableScope using_the_frame;
      this_fiber::sleep_for(10ms);
      frame = 1;
    });
    group.wait();
  });
  driver.run_ready();
  parent.cancel();
  driver.run_ready();
  EXPECT_FALSE(parent.done());
  driver.advance(10ms);
  EXPECT_TRUE(parent.done());
}

TEST_F(TaskGroupTest, CanBelongToSomethingThatIsNoFiber) {
  std::optional<TaskGroup> group;
  group.emplace(driver.loop());
  bool ran = false;
  group->spawn("child", [&] { ran = true; });
  driver.run_ready();
  EXPECT_TRUE(ran);
  group.reset();
}

}  // namespace
}  // namespace tidemark::fiber
