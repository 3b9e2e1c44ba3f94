// Events that are published at a time to come.
#include <gtest/gtest.h>

#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

TEST(Timers, PublishWhenTheirTimeHasCome) {
  Service service{"notes"};
  Seen seen;
  service.post("/later", [](Transaction& tx, const Batch& batch) {
    tx.publish_after(30ms, Noted{batch.key, 1});
    tx.cancel_timer(tx.publish_after(1ms, Noted{batch.key, 2}));
  });
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.request("POST", "/later", to_json(Batch{"a", 1})).status, 204);
  app.wait_until([&] { return !seen.of("a").empty(); });
  EXPECT_EQ(seen.of("a"), std::vector{1}) << "a cancelled timer fired";
}

TEST(Timers, SurviveARestart) {
  Service service{"notes"};
  Seen seen;
  service.post("/later", [](Transaction& tx, const Batch& batch) { tx.publish_after(200ms, Noted{batch.key, 1}); });
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.request("POST", "/later", to_json(Batch{"a", 1})).status, 204);
  app.restart();
  app.wait_until([&] { return !seen.of("a").empty(); });
}

TEST(Timers, FireAtOnceWhenTheirTimeHasPassed) {
  Service service{"notes"};
  Seen seen;
  service.post("/earlier", [](Transaction& tx, const Batch& batch) {
    tx.publish_at(tx.now() - std::chrono::hours{1}, Noted{batch.key, 1});
    tx.publish_at(TimePoint{}, Noted{batch.key, 2});
  });
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.request("POST", "/earlier", to_json(Batch{"a", 1})).status, 204);
  app.wait_until([&] { return seen.of("a").size() == 2; });
  EXPECT_EQ(seen.of("a"), (std::vector{2, 1})) << "they did not fire in the order of their times";
}

struct Reminder {
  std::string id;
  std::string timer;
};
BOOST_DESCRIBE_STRUCT(Reminder, (), (id, timer))

TEST(Timers, AreReplacedByOneThatATransactionSetsInsteadOfThem) {
  Service service{"notes"};
  Seen seen;
  service.post("/remind", [](Transaction& tx, const Batch& batch) {
    auto reminder = tx.find<Reminder>(batch.key).value_or(Reminder{.id = batch.key, .timer = {}});
    if (!reminder.timer.empty()) tx.cancel_timer(reminder.timer);
    reminder.timer = tx.publish_after(std::chrono::milliseconds{batch.count}, Noted{batch.key, batch.count});
    tx.put(reminder);
  });
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.request("POST", "/remind", to_json(Batch{"a", 3'600'000})).status, 204);
  ASSERT_EQ(app.request("POST", "/remind", to_json(Batch{"a", 3'500'000})).status, 204);
  app.restart();
  ASSERT_EQ(app.request("POST", "/remind", to_json(Batch{"a", 1})).status, 204);
  app.wait_until([&] { return !seen.of("a").empty(); });
  ASSERT_EQ(app.request("POST", "/remind", to_json(Batch{"a", 2})).status, 204)
      << "cancelling one that has fired failed";
  app.wait_until([&] { return seen.of("a").size() == 2; });
  EXPECT_EQ(seen.of("a"), (std::vector{1, 2}));
}

TEST(Timers, AreNotSetByWhatIsDiscarded) {
  Service service{"notes"};
  Seen seen;
  service.post("/refused", [](Transaction& tx, const Batch& batch) {
    tx.publish_after(Duration{0}, Noted{batch.key, 1});
    throw Invalid{"after all not"};
  });
  service.post("/later", [](Transaction& tx, const Batch& batch) { tx.publish_after(1ms, Noted{batch.key, 2}); });
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.request("POST", "/refused", to_json(Batch{"a", 1})).status, 422);
  app.trouble.conflicts = 0;
  ASSERT_EQ(app.request("POST", "/later", to_json(Batch{"a", 1})).status, 204);
  app.wait_until([&] { return !seen.of("a").empty(); });
  EXPECT_EQ(seen.of("a"), std::vector{2});
}

}  // namespace
}  // namespace tidemark::kit
