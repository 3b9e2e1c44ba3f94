#include "kit/run/turnstile.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "fiber/io_thread.hpp"
#include "fiber/manual_loop.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

TEST(Turnstile, LetsOnePassAtATimeInTheOrderOfTheirComing) {
  VirtualClock clock;
  fiber::ManualLoop loop{clock};
  Turnstile turnstile;
  std::vector<int> passed;
  int inside = 0;
  for (int i = 0; i < 5; ++i)
    loop.loop().spawn("fiber", [&, i] {
      const auto turn = turnstile.enter();
      EXPECT_EQ(++inside, 1);
      this_fiber::sleep_for(1s);
      passed.push_back(i);
      --inside;
    });
  loop.advance(10s);
  EXPECT_EQ(passed, (std::vector{0, 1, 2, 3, 4}));
}

TEST(Turnstile, PassesOnTheTurnOfWhoeverIsCancelled) {
  VirtualClock clock;
  fiber::ManualLoop loop{clock};
  Turnstile turnstile;
  bool passed = false;
  std::vector<fiber::FiberHandle> fibers;
  for (int i = 0; i < 3; ++i)
    fibers.push_back(loop.loop().spawn("fiber", [&] {
      const auto turn = turnstile.enter();
      this_fiber::sleep_for(1s);
    }));
  fibers.push_back(loop.loop().spawn("last", [&] {
    const auto turn = turnstile.enter();
    passed = true;
  }));
  loop.run_ready();
  fibers[2].cancel();  // while it waits
  fibers[0].cancel();  // while it is inside
  fibers[1].cancel();  // when its turn has just come, or before
  loop.run_ready();
  EXPECT_TRUE(passed);
}

TEST(Turnstile, WorksBetweenThreads) {
  Turnstile turnstile;
  std::atomic<int> inside{0}, passed{0};
  fiber::IoThread first{"first"}, second{"second"};
  for (auto* thread : {&first, &second})
    thread->loop().post([&, thread] {
      for (int i = 0; i < 200; ++i)
        thread->loop().spawn("fiber", [&] {
          const auto turn = turnstile.enter();
          EXPECT_EQ(++inside, 1);
          this_fiber::yield();
          --inside;
          ++passed;
        });
    });
  for (auto* thread : {&first, &second})
    thread->run("wait", [&] {
      while (passed < 400) this_fiber::sleep_for(1ms);
    });
  EXPECT_EQ(passed, 400);
}

}  // namespace
}  // namespace tidemark::kit
