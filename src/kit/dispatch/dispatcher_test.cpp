// What a dispatcher holds in memory, and what it does when there is no more to be had.
#include "kit/dispatch/dispatcher.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "kit/dispatch/dead_letters.hpp"
#include "kit/testing/test_bench.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

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
  BenchDispatcher dispatcher{bench};
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
  BenchDispatcher dispatcher{bench};
  EXPECT_EQ(dispatcher->stats().active, 4u);
  EXPECT_EQ(dispatcher->stats().running, 4u);
  for (int second = 1; second <= 10; ++second) {
    bench.loop.advance(1s);
    EXPECT_EQ(seen.of("all").size(), 4u * static_cast<std::size_t>(second));
    EXPECT_LE(dispatcher->stats().active, 4u);
  }
}

TEST(Dispatcher, WaitsWhenThereIsNoFiberToBeHadAndGoesOn) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "so many fibers take more mappings than a sanitizer leaves";
#endif
  Service service{"notes"};
  Seen seen;
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  Bench bench{service};
  BenchDispatcher dispatcher{bench};
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

TEST(Dispatcher, LeavesNothingRunningWhenThereAreTooFewFibersToStart) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "so many fibers take more mappings than a sanitizer leaves";
#endif
  Service service{"notes"};
  std::atomic<int> runs{0}, effects{0};
  service.on<Noted>("noted", [&](Transaction& tx, const Noted&) {
    ++runs;
    tx.after_durable([&] { ++effects; });
  });
  Bench bench{service};
  for (int i = 0; i < 20; ++i) bench.append("noted", {{"key", std::to_string(i)}, {"number", "0"}});
  std::vector<fiber::FiberHandle> others;
  try {
    for (;;) others.push_back(bench.loop.loop().spawn("other", [] { this_fiber::sleep_for(std::chrono::hours{1}); }));
  } catch (const Unavailable&) {
    // Now all fibers are taken.
  }
  int failed = 0;
  bool started = false;
  while (!started && !others.empty()) {
    others.back().cancel();  // one more may be had
    others.pop_back();
    bench.loop.run_ready();
    try {
      bench.loop.run("start", [&] {
        Dispatcher dispatcher{bench.loop, bench.runtime, service.spec().handlers.front()};
        dispatcher.start().or_raise();
        started = true;
        for (auto& other : others) other.cancel();
        this_fiber::sleep_for(1s);
        dispatcher.begin_drain();
        static_cast<void>(dispatcher.finish_drain(bench.clock.instant() + 1s));
      });
    } catch (const Unavailable&) {
      ++failed;
    }
    EXPECT_EQ(effects, runs) << "after " << failed << " starts that failed";
  }
  EXPECT_GE(failed, 3);
  EXPECT_EQ(runs, 20);
}

TEST(Dispatcher, KeepsItsLeaseForAsLongAsAHandlerRuns) {
  Service service{"notes"};
  Seen seen;
  service
      .on<Noted>("noted",
                 [&](Transaction&, const Noted& event) {
                   this_fiber::sleep_for(10min);
                   seen.add(event.key, event.number);
                 })
      .deadline(1h);
  Bench bench{service};
  BenchDispatcher dispatcher{bench};
  bench.append("noted", {{"key", "a"}, {"number", "0"}});
  for (int minute = 0; minute < 9; ++minute) {
    bench.loop.advance(1min);
    EXPECT_TRUE(bench.claim_as_another(Intake::LEASE).empty()) << "after " << minute << " minutes";
  }
  bench.loop.advance(2min);
  EXPECT_EQ(seen.of("a"), std::vector{0});
}

TEST(Dispatcher, TakesOverWhatADeadConsumerHasLeft) {
  Service service{"notes"};
  Seen seen;
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  Bench bench{service};
  BenchDispatcher dispatcher{bench};
  // Somebody else is quicker once, and dies.
  bench.append("noted", {{"key", "a"}, {"number", "0"}});
  EXPECT_EQ(seen.of("a"), std::vector{0});
  bench.append_for_another("noted", {{"key", "a"}, {"number", "1"}});
  bench.loop.advance(Intake::LEASE / 2);
  EXPECT_EQ(seen.of("a").size(), 1u) << "it was taken from somebody who may be alive";
  bench.loop.advance(Intake::LEASE * 2);
  EXPECT_EQ(seen.of("a"), first_numbers(2));
}

// Whoever has the delivery now will run it; what the first one did must not count.
TEST(Dispatcher, CommitsNothingOfADeliveryThatIsNoLongerItsOwn) {
  Service service{"notes"};
  int runs = 0, effects = 0;
  service.on<Noted>("noted", [&](Transaction& tx, const Noted& event) {
    ++runs;
    tx.put(Note{event.key, {}, 0});
    tx.publish(Note{event.key, {}, 0});
    tx.after_durable([&] { ++effects; });
    this_fiber::sleep_for(1s);
  });
  Bench bench{service};
  BenchDispatcher dispatcher{bench};
  bench.append("noted", {{"key", "a"}, {"number", "0"}});
  ASSERT_EQ(bench.claim_as_another(Duration{0}).size(), 1u);
  bench.loop.advance(10s);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(effects, 0);
  EXPECT_FALSE(bench.store.topic("note")) << "an event was published";
  EXPECT_EQ(dispatcher->stats().active, 0u);
  bench.append("noted", {{"key", "a"}, {"number", "1"}});
  bench.loop.advance(2s);
  EXPECT_EQ(effects, 1) << "later events of the key are held up";
}

// Its failure is not the event's any more: neither a retry of it nor a dead letter may come of it.
TEST(Dispatcher, RetriesAndBuriesNothingThatIsNoLongerItsOwn) {
  for (const std::uint32_t attempts : {1u, 3u}) {
    Service service{"notes"};
    int runs = 0;
    service
        .on<Noted>("noted",
                   [&](Transaction&, const Noted&) {
                     ++runs;
                     this_fiber::sleep_for(1s);
                     throw std::runtime_error{"too late to matter"};
                   })
        .retry({.attempts = attempts, .first = 1s, .at_most = 1s});
    Bench bench{service};
    BenchDispatcher dispatcher{bench};
    bench.append("noted", {{"key", "a"}, {"number", "0"}});
    ASSERT_EQ(bench.claim_as_another(Duration{0}).size(), 1u);
    bench.loop.advance(5s);
    EXPECT_EQ(runs, 1);
    bench.loop.run("look", [&] {
      EXPECT_TRUE((DeadLetters{bench.store, bench.placement()}.list({}, 10).or_raise().empty()));
      const auto pending = bench.store.pending("noted", "notes", StreamId::min(), 10).or_raise();
      ASSERT_EQ(pending.size(), 1u);
      EXPECT_EQ(pending.front().consumer, "another");
      EXPECT_EQ(pending.front().attempts, 0u);
      EXPECT_FALSE(pending.front().retry_at);
      EXPECT_EQ(pending.front().last_error, "");
    });
  }
}

// Else a key's new events would overtake those that a dead process had in hand.
TEST(Dispatcher, TakesOverAllThatIsPendingBeforeAnythingNew) {
  constexpr int LEFT = 10, EVENTS = 20;
  Service service{"notes"};
  Seen seen;
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); })
      .concurrency(3);
  Bench bench{service};
  bench.loop.run("declare", [&] { bench.store.declare_group("noted", "notes", StreamId::min()).or_raise(); });
  for (int i = 0; i < LEFT; ++i) bench.append_for_another("noted", {{"key", "a"}, {"number", std::to_string(i)}});
  for (int i = LEFT; i < EVENTS; ++i) bench.append("noted", {{"key", "a"}, {"number", std::to_string(i)}});
  BenchDispatcher dispatcher{bench};
  bench.loop.advance(1s);
  EXPECT_EQ(seen.of("a"), first_numbers(EVENTS));
}

TEST(Dispatcher, GivesARunHalfAMinuteUnlessToldOtherwise) {
  Service service{"notes"};
  service.on<Noted>("noted", [](Transaction&, const Noted&) { this_fiber::sleep_for(1h); }).retry({.attempts = 1});
  Bench bench{service};
  BenchDispatcher dispatcher{bench};
  bench.append("noted", {{"key", "a"}, {"number", "0"}});
  bench.loop.advance(29s);
  EXPECT_EQ(dispatcher->stats().running, 1u);
  bench.loop.advance(2s);
  EXPECT_EQ(dispatcher->stats().running, 0u);
  bench.loop.run("look", [&] {
    EXPECT_EQ((DeadLetters{bench.store, bench.placement()}.list({}, 10).or_raise().size()), 1u);
  });
}

}  // namespace
}  // namespace tidemark::kit
