#include "store/embedded/durable_waiters.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "fiber/io_thread.hpp"
#include "fiber/manual_loop.hpp"

namespace tidemark::store {
namespace {

using namespace std::chrono_literals;

TEST(DurableWaiters, ReleasesInTheOrderOfTheLsns) {
  VirtualClock clock;
  fiber::ManualLoop loop{clock};
  DurableWaiters waiters{Lsn{1}};
  std::vector<std::uint64_t> released;
  for (const std::uint64_t lsn : {4, 2, 5, 3, 1}) {
    loop.loop().spawn("waits", [&, lsn] {
      waiters.wait(Lsn{lsn});
      released.push_back(lsn);
    });
  }
  loop.run_ready();
  EXPECT_EQ(released, (std::vector<std::uint64_t>{1})) << "what is durable already does not wait";
  waiters.release(Lsn{4});
  loop.run_ready();
  EXPECT_EQ(released, (std::vector<std::uint64_t>{1, 2, 3, 4}));
  waiters.release(Lsn{9});
  loop.run_ready();
  EXPECT_EQ(released, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
}

TEST(DurableWaiters, LetsGoOfACancelledFiberAndOneThatIsLate) {
  VirtualClock clock;
  fiber::ManualLoop loop{clock};
  DurableWaiters waiters{Lsn{}};
  bool late = false;
  auto cancelled = loop.loop().spawn("cancelled", [&] { waiters.wait(Lsn{1}); });
  auto expired = loop.loop().spawn("late", [&] {
    const fiber::DeadlineScope deadline{loop.loop().now() + 1s};
    EXPECT_THROW(waiters.wait(Lsn{1}), fiber::DeadlineExceeded);
    late = true;
  });
  loop.run_ready();
  cancelled.cancel();
  loop.advance(1s);
  EXPECT_TRUE(cancelled.done());
  EXPECT_TRUE(late);
  waiters.release(Lsn{1});
  loop.run_ready();
}

// What release() has posted may be run by a loop that outlives the store.
TEST(DurableWaiters, MayEndBeforeTheLoops) {
  VirtualClock clock;
  fiber::ManualLoop loop{clock};
  {
    DurableWaiters waiters{Lsn{}};
    auto waiting = loop.loop().spawn("waits", [&] { waiters.wait(Lsn{1}); });
    loop.run_ready();
    waiters.release(Lsn{1});
    waiting.cancel();
  }
  EXPECT_FALSE(fiber::Loop::current());
}

TEST(DurableWaiters, LosesNoWakeUpOnSeveralThreads) {
  constexpr std::uint64_t LAST = 20'000;
  DurableWaiters waiters{Lsn{}};
  std::atomic<std::uint64_t> wanted{0};
  {
    fiber::IoThread first{"first"}, second{"second"};
    std::atomic<int> ended{0};
    for (auto* thread : {&first, &second}) {
      for (int i = 0; i < 4; ++i) {
        thread->loop().post([&, thread] {
          thread->loop().spawn("waits", [&] {
            for (std::uint64_t lsn = wanted; lsn < LAST; lsn = ++wanted) waiters.wait(Lsn{std::min(lsn, LAST)});
            ++ended;
            ended.notify_all();
          });
        });
      }
    }
    for (std::uint64_t lsn = 1; lsn <= LAST; ++lsn) waiters.release(Lsn{lsn});
    for (int seen = ended; seen < 8; seen = ended) ended.wait(seen);
  }
}

}  // namespace
}  // namespace tidemark::store
