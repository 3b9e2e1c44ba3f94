// Stopping: what runs finishes, what waits stays, what never ends is stopped, and nothing of it counts as an attempt.
#include <gtest/gtest.h>

#include <atomic>

#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

// Lets a test hold runs on their fibers, and see how many began.
class Gate {
 public:
  void pass() {
    ++begun;
    while (!open) this_fiber::sleep_for(Duration{1});
  }
  std::atomic<int> begun{0};
  std::atomic<bool> open{false};
};

TEST(Drain, FinishesAndCommitsWhatRunsAndLeavesTheRest) {
  Service service{"notes"};
  Gate gate;
  Seen attempts;
  service.post("/publish", [](Transaction& tx, const Batch& batch) {
    for (int i = 0; i < batch.count; ++i) tx.publish(Noted{std::to_string(i), i});
  });
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted& event) {
                   gate.pass();
                   attempts.add(event.key, static_cast<int>(tx.attempt()));
                 })
      .concurrency(2)
      .retry({.attempts = 1});
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.publish("", 5).status, 204);
  app.wait_until([&] { return gate.begun == 2; });
  std::thread opener{[&] {
    // Once nobody can connect, the drain has begun.
    const auto port = app.port();
    for (;;) try {
        LoopbackClient{port};
        std::this_thread::sleep_for(1ms);
      } catch (const Unavailable&) {
        break;
      }
    gate.open = true;
  }};
  EXPECT_TRUE(app.stop());
  opener.join();
  EXPECT_EQ(gate.begun, 2) << "a run was started during the drain";
  for (const auto* key : {"0", "1"}) EXPECT_EQ(attempts.of(key), std::vector{1});

  app.start();
  for (const auto* key : {"2", "3", "4"}) {
    app.wait_until([&] { return !attempts.of(key).empty(); });
    EXPECT_EQ(attempts.of(key), std::vector{1}) << "waiting through a drain counted as an attempt";
  }
  EXPECT_EQ(gate.begun, 5) << "what was finished ran again";
  EXPECT_TRUE(app.dead_letters().empty());
}

TEST(Drain, EndsThoughAnEffectNeverDoesAndTooManyWaitBehindIt) {
  constexpr int EVENTS = 3000;  // more than may wait
  Service service{"notes"};
  std::atomic<int> runs{0}, hanging{0};
  service.post("/publish", [](Transaction& tx, const Batch& batch) {
    for (int i = 0; i < batch.count; ++i) tx.publish(Noted{std::to_string(i), i});
  });
  service.on<Noted>("noted", [&](Transaction& tx, const Noted&) {
    ++runs;
    tx.after_durable([&] {
      ++hanging;
      this_fiber::sleep_for(std::chrono::hours{1});
    });
  });
  TroubledApplication app{{&service}, 50ms};
  ASSERT_EQ(app.publish("", EVENTS).status, 204);
  app.wait_until([&] { return hanging == 1 && runs > 1000; });
  EXPECT_FALSE(app.stop()) << "effects that were not called pass for called";
  EXPECT_EQ(hanging, 1);
  EXPECT_LT(runs, EVENTS) << "they are not bounded";
}

TEST(Drain, StopsWhatNeverEndsAndRunsItAgainAsTheSameAttempt) {
  for (const std::uint32_t stopped_attempt : {1u, 2u}) {
    Service service = make_notes();
    Gate gate;
    std::mutex mutex;
    std::vector<std::uint32_t> attempts;
    service
        .on<Noted>("noted",
                   [&](Transaction& tx, const Noted&) {
                     if (tx.attempt() < stopped_attempt) throw std::runtime_error{"not yet"};
                     gate.pass();
                     const std::scoped_lock lock{mutex};
                     attempts.push_back(tx.attempt());
                   })
        .retry({.attempts = stopped_attempt, .first = 1ms, .at_most = 1ms});
    TroubledApplication app{{&service}, 50ms};
    ASSERT_EQ(app.publish("a", 1).status, 204);
    app.wait_until([&] { return gate.begun == 1; });
    EXPECT_FALSE(app.stop()) << "a handler that was told to stop counts as having ended in time";
    EXPECT_TRUE(attempts.empty());
    gate.open = true;
    app.start();
    app.wait_until([&] {
      const std::scoped_lock lock{mutex};
      return !attempts.empty();
    });
    app.stop();
    EXPECT_EQ(attempts, std::vector{stopped_attempt});
  }
}

// Being told to stop is no failure, whatever the function makes of it.
TEST(Drain, CountsNoAttemptForAHandlerThatThrowsSomethingElseWhenItIsStopped) {
  Service service = make_notes();
  Gate gate;
  std::atomic<std::uint32_t> finished{0};
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted&) {
                   try {
                     gate.pass();
                   } catch (const std::exception& error) {
                     throw std::runtime_error{std::string{"wrapped: "} + error.what()};
                   }
                   finished = tx.attempt();
                 })
      .retry({.attempts = 1});
  TroubledApplication app{{&service}, 50ms};
  ASSERT_EQ(app.publish("a", 1).status, 204);
  app.wait_until([&] { return gate.begun == 1; });
  EXPECT_FALSE(app.stop());
  gate.open = true;
  app.start();
  app.wait_until([&] { return finished == 1u || !app.dead_letters().empty(); });
  EXPECT_EQ(finished, 1u);
}

TEST(Drain, OfHandlersThatDoNothingIsInTimeEvenWhenAnotherUsesAllOfIt) {
  Service busy = make_notes();
  Gate gate;
  busy.on<Noted>("noted", [&](Transaction&, const Noted&) { gate.pass(); });
  Service idle{"idle"};
  idle.on<Noted>("noted", [](Transaction&, const Noted&) {});
  TroubledApplication app{{&busy, &idle}, 50ms};
  ASSERT_EQ(app.publish("a", 1).status, 204);
  app.wait_until([&] { return gate.begun == 1 && app.pending("noted", "idle").empty(); });
  EXPECT_FALSE(app.stop());
  gate.open = true;
  app.start();
  app.wait_until([&] { return app.pending().empty(); });
  EXPECT_TRUE(app.stop());
  app.start();
}

}  // namespace
}  // namespace tidemark::kit
