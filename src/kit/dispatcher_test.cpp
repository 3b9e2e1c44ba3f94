// What a dispatcher holds in memory, and what it does when there is no more to be had.
#include "kit/dispatcher.hpp"

#include <gtest/gtest.h>

#include "kit/test_bench.hpp"
#include "kit/test_service.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

// A dispatcher for the bench's only handler, from start to drain.
class Running {
 public:
  explicit Running(Bench& bench) : bench_{bench} {
    bench.loop.run("start", [&] {
      dispatcher_ = std::make_unique<Dispatcher>(bench.loop, bench.runtime, bench.service.spec().handlers.front());
      dispatcher_->start().or_raise();
    });
    bench.loop.run_ready();
  }
  ~Running() {
    bench_.loop.run("stop", [&] {
      dispatcher_->begin_drain();
      static_cast<void>(dispatcher_->finish_drain(bench_.clock.instant() + 1s));
      dispatcher_.reset();
    });
  }
  Dispatcher* operator->() const { return dispatcher_.get(); }

 private:
  Bench& bench_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

TEST(Dispatcher, HoldsIdsOnlyOfWhatIsParkedAndPausesPastTheLimit) {
  Service service{"notes"};
  Seen seen;
  bool mended = false;
  service
      .on<Noted>("noted",
                 [&](Transaction&, const Noted& event) {
                   if (event.key == "bad" && !mended) throw std::runtime_error{"not yet"};
                   seen.add(event.key, event.number);
                 })
      .retry({.attempts = 100, .first = 10s, .at_most = 10s})
      .parked_at_most(4);
  Bench bench{service};
  Running dispatcher{bench};
  const auto append = [&](const std::string& key, int number) {
    bench.append("noted", {{"key", key}, {"number", std::to_string(number)}});
  };
  for (int i = 0; i < 3; ++i) append("bad", i);
  EXPECT_EQ(dispatcher->stats().parked, 3u);
  EXPECT_EQ(dispatcher->stats().active, 0u) << "what is parked is held with its fields";
  append("good", 0);
  EXPECT_EQ(seen.of("good"), std::vector{0}) << "it pauses below the limit";

  for (int i = 3; i < 20; ++i) append("bad", i);
  append("good", 1);
  EXPECT_LE(dispatcher->stats().parked, 6u) << "it takes more than it may park";
  EXPECT_EQ(seen.of("good"), std::vector{0});
  bench.loop.advance(10s);
  EXPECT_LE(dispatcher->stats().parked, 6u);

  mended = true;
  bench.loop.advance(20s);
  EXPECT_EQ(seen.of("bad"), first_numbers(20));
  EXPECT_EQ(seen.of("good"), first_numbers(2));
  EXPECT_EQ(dispatcher->stats().parked, 0u);
}

TEST(Dispatcher, TakesNoMoreThanItsConcurrency) {
  Service service{"notes"};
  Seen seen;
  service
      .on<Noted>("noted",
                 [&](Transaction&, const Noted& event) {
                   this_fiber::sleep_for(1s);
                   seen.add("all", event.number);
                 })
      .concurrency(4);
  Bench bench{service};
  for (int i = 0; i < 40; ++i) bench.append("noted", {{"key", std::to_string(i)}, {"number", std::to_string(i)}});
  Running dispatcher{bench};
  EXPECT_EQ(dispatcher->stats().active, 4u);
  EXPECT_EQ(dispatcher->stats().running, 4u);
  for (int second = 1; second <= 10; ++second) {
    bench.loop.advance(1s);
    EXPECT_EQ(seen.of("all").size(), 4u * static_cast<std::size_t>(second));
    EXPECT_LE(dispatcher->stats().active, 4u);
  }
}

TEST(Dispatcher, WaitsWhenThereIsNoFiberToBeHadAndGoesOn) {
  Service service{"notes"};
  Seen seen;
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  Bench bench{service};
  Running dispatcher{bench};
  std::vector<fiber::FiberHandle> others;
  try {
    for (;;) others.push_back(bench.loop.loop().spawn("other", [] { this_fiber::sleep_for(std::chrono::hours{1}); }));
  } catch (const Unavailable&) {
    // Now all fibers are taken.
  }
  bench.append("noted", {{"key", "a"}, {"number", "0"}});
  bench.loop.advance(1s);
  EXPECT_TRUE(seen.of("a").empty());
  for (auto& other : others) other.cancel();
  bench.loop.advance(1s);
  EXPECT_EQ(seen.of("a"), first_numbers(1));
  bench.append("noted", {{"key", "a"}, {"number", "1"}});
  EXPECT_EQ(seen.of("a"), first_numbers(2));
}

}  // namespace
}  // namespace tidemark::kit
