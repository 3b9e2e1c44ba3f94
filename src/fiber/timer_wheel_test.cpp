#include "fiber/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/random.hpp"

namespace tidemark::fiber {
namespace {

using namespace std::chrono_literals;

constexpr Instant START{1'000'003ms};

class Call final : public TimerEntry {
 public:
  explicit Call(std::function<void()> work) : work_{std::move(work)} {}

 private:
  void on_time() override { work_(); }
  std::function<void()> work_;
};

TEST(TimerWheel, CallsNothingEarlyAndEverythingWithinATick) {
  TimerWheel wheel{5ms, START};
  int calls = 0;
  Call call{[&] { ++calls; }};
  wheel.insert(call, START + 11ms);
  wheel.advance(START + 10ms);
  EXPECT_EQ(calls, 0);
  wheel.advance(START + 16ms);
  EXPECT_EQ(calls, 1);
  wheel.advance(START + 1h);
  EXPECT_EQ(calls, 1);
}

TEST(TimerWheel, MeetsAPastDeadlineAtTheNextAdvanceEvenIfNoTimePasses) {
  TimerWheel wheel{1ms, START};
  int calls = 0;
  Call call{[&] {
    if (++calls == 1) wheel.insert(call, START - 1h);
  }};
  wheel.insert(call, START);
  EXPECT_TRUE(wheel.has_due());
  wheel.advance(START);
  EXPECT_EQ(calls, 1) << "one that is armed by a call waits for the next advance";
  wheel.advance(START);
  EXPECT_EQ(calls, 2);
}

TEST(TimerWheel, ACallMayCancelAndDestroyOthersThatAreDueWithIt) {
  TimerWheel wheel{1ms, START};
  int calls = 0;
  std::unique_ptr<Call> second;
  Call first{[&] {
    ++calls;
    second.reset();
  }};
  second = std::make_unique<Call>([&] {
    ++calls;
    first.unlink();
  });
  wheel.insert(first, START + 10ms);
  wheel.insert(*second, START + 10ms);
  wheel.advance(START + 20ms);
  EXPECT_EQ(calls, 1);
}

TEST(TimerWheel, KeepsDeadlinesBeyondItsRoundAndForever) {
  TimerWheel wheel{1ms, START};
  int calls = 0;
  Call far{[&] { ++calls; }};
  Call never{[&] { calls += 100; }};
  wheel.insert(far, START + 24h);
  wheel.insert(never, Instant::max());
  EXPECT_EQ(wheel.next_deadline(), START + 24h);
  wheel.advance(START + 24h - 1ms);
  EXPECT_EQ(calls, 0);
  wheel.advance(START + 24h);
  EXPECT_EQ(calls, 1);
}

TEST(TimerWheel, KnowsThatItIsEmpty) {
  TimerWheel wheel{5ms, START};
  EXPECT_EQ(wheel.next_wake(), std::nullopt);
  EXPECT_EQ(wheel.next_deadline(), std::nullopt);
  {
    Call call{[] {}};
    wheel.insert(call, START + 10ms);
    EXPECT_NE(wheel.next_wake(), std::nullopt);
  }
  EXPECT_EQ(wheel.next_wake(), std::nullopt);
  EXPECT_EQ(wheel.next_deadline(), std::nullopt);
}

// Beside a sorted map: random arming, cancelling and steps of time.
TEST(TimerWheel, AgreesWithASortedMap) {
  const std::uint64_t seed = Random::from_entropy().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  Instant now = START;
  TimerWheel wheel{1ms, now};
  constexpr std::size_t COUNT = 200;
  std::vector<std::unique_ptr<Call>> calls;
  std::map<std::size_t, Instant> armed;
  for (std::size_t i = 0; i < COUNT; ++i) {
    calls.push_back(std::make_unique<Call>([&, i] {
      ASSERT_TRUE(armed.contains(i)) << "called twice, or after it was cancelled";
      EXPECT_LE(armed[i], now);
      armed.erase(i);
    }));
  }
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t i = random.below(COUNT);
    switch (random.below(4)) {
      case 0:
      case 1:
        armed[i] = now + Duration{random.below(random.below(2) == 0 ? 50 : 20'000)};
        wheel.insert(*calls[i], armed[i]);
        break;
      case 2:
        calls[i]->unlink();
        armed.erase(i);
        break;
      default: {
        now += Duration{random.below(random.below(50) == 0 ? 10'000 : 20)};
        wheel.advance(now);
        std::optional<Instant> earliest;
        for (const auto& [id, deadline] : armed) {
          ASSERT_GT(deadline, now) << "missed";
          if (!earliest || deadline < *earliest) earliest = deadline;
        }
        ASSERT_EQ(wheel.next_deadline(), earliest);
        ASSERT_EQ(wheel.next_wake().has_value(), earliest.has_value());
        if (earliest) {
          ASSERT_LE(*wheel.next_wake(), *earliest);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tidemark::fiber
