#include "fiber/blocking_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "fiber/manual_loop.hpp"
#include "fiber/task_group.hpp"

namespace tidemark::fiber {
namespace {

using namespace std::chrono_literals;

// The clock stands still: only the pool's threads move things on.
class BlockingPoolTest : public testing::Test {
 protected:
  VirtualClock clock;
  ManualLoop driver{clock};
};

TEST_F(BlockingPoolTest, RunsOnAnotherThreadAndReturnsTheValue) {
  BlockingPool pool{"pool"};
  driver.run("caller", [&] {
    const auto here = std::this_thread::get_id();
    const std::string text = pool.run([&] { return std::this_thread::get_id() == here ? "here" : "there"; });
    EXPECT_EQ(text, "there");
    int changed = 0;
    pool.run([&] { changed = 1; });
    EXPECT_EQ(changed, 1);
  });
}

TEST_F(BlockingPoolTest, ThrowsWhatTheWorkThrew) {
  BlockingPool pool{"pool"};
  driver.run("caller", [&] { EXPECT_THROW(pool.run([] { throw std::runtime_error{"broken"}; }), std::runtime_error); });
}

TEST_F(BlockingPoolTest, RefusesWhatItsQueueCannotHold) {
  std::promise<void> gate;
  std::promise<void> begun;
  BlockingPool pool{"pool", {.threads = 1, .queue_limit = 1}};
  FiberHandle running = driver.loop().spawn("running", [&] {
    pool.run([&] {
      begun.set_value();
      gate.get_future().wait();
    });
  });
  driver.run_ready();
  begun.get_future().wait();
  FiberHandle queued = driver.loop().spawn("queued", [&] { pool.run([] {}); });
  FiberHandle refused = driver.loop().spawn("refused", [&] { EXPECT_THROW(pool.run([] {}), Overloaded); });
  driver.run_ready();
  EXPECT_TRUE(refused.done());
  EXPECT_EQ(pool.queued(), 1u);
  gate.set_value();
  EXPECT_TRUE(driver.run_until([&] { return running.done() && queued.done(); }));
}

TEST_F(BlockingPoolTest, ACancelledJobIsWithdrawnUnlessItHasBegun) {
  std::promise<void> gate;
  std::promise<void> begun;
  BlockingPool pool{"pool", {.threads = 1}};
  int finished = 0;
  FiberHandle running = driver.loop().spawn("running", [&] {
    int frame = 0;
    EXPECT_THROW(pool.run([&] {
      begun.set_value();
      gate.get_future().wait();
      frame = 1;
    }),
                 Cancelled);
    finished = frame;
  });
  driver.run_ready();
  begun.get_future().wait();
  FiberHandle queued = driver.loop().spawn("queued", [&] { pool.run([] { ADD_FAILURE() << "was withdrawn"; }); });
  driver.run_ready();
  queued.cancel();
  running.cancel();
  driver.run_ready();
  EXPECT_TRUE(queued.done());
  EXPECT_EQ(pool.queued(), 0u);
  EXPECT_FALSE(running.done()) << "its frame is still in use";
  gate.set_value();
  EXPECT_TRUE(driver.run_until([&] { return running.done(); }));
  EXPECT_EQ(finished, 1);
}

TEST_F(BlockingPoolTest, TellsTheWorkOfACancelledFiberToStop) {
  std::promise<void> begun;
  BlockingPool pool{"pool", {.threads = 1}};
  std::stop_source stop;
  FiberHandle running = driver.loop().spawn("running", [&] {
    const auto work = [&] {
      begun.set_value();
      while (!stop.stop_requested()) std::this_thread::yield();
    };
    EXPECT_THROW(pool.run(work, stop), Cancelled);
  });
  driver.run_ready();
  begun.get_future().wait();
  running.cancel();
  EXPECT_TRUE(driver.run_until([&] { return running.done(); }));
}

TEST_F(BlockingPoolTest, ServesManyFibers) {
  BlockingPool pool{"pool", {.threads = 3}};
  std::atomic<int> calls = 0;
  int answers = 0;
  driver.run("caller", [&] {
    TaskGroup group;
    for (int i = 0; i < 300; ++i) {
      group.spawn("child", [&, i] {
        for (int n = 0; n < 5; ++n) answers += pool.run([&] { return ++calls > 0 && i >= 0 ? 1 : 0; });
      });
    }
    group.wait();
  });
  EXPECT_EQ(calls, 1'500);
  EXPECT_EQ(answers, 1'500);
}

}  // namespace
}  // namespace tidemark::fiber
