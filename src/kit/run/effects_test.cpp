// What happens outside of the store, and the ids that stay the same however often a run is repeated.
#include "kit/run/effects.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>

#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

// Requests while the tidemark stands still: their answers come after it is released.
std::future<int> send(const TroubledApplication& app, std::string method, std::string path, std::string body) {
  return std::async(std::launch::async, [&app, method, path, body] { return app.request(method, path, body).status; });
}

TEST(AfterDurable, CallsInTheOrderOfTheCommitsAndNothingBeforeTheTidemarkHasPassed) {
  constexpr int EVENTS = 3000;  // more than may wait
  Service service{"notes"};
  std::mutex mutex;
  std::vector<int> runs, effects;
  const auto count = [&](const std::vector<int>& numbers) {
    const std::scoped_lock lock{mutex};
    return numbers.size();
  };
  service.post("/publish", [](Transaction& tx, const Batch& batch) {
    for (int i = 0; i < batch.count; ++i) tx.publish(Noted{std::to_string(i), i});
  });
  service.on<Noted>("noted", [&](Transaction& tx, const Noted& event) {
    const std::scoped_lock lock{mutex};
    runs.push_back(event.number);
    tx.after_durable([&, number = event.number] {
      const std::scoped_lock effect_lock{mutex};
      effects.push_back(number);
    });
  });
  TroubledApplication app{{&service}};
  app.trouble.hold_tidemark();
  auto published = send(app, "POST", "/publish", to_json(Batch{"", EVENTS}));
  app.wait_until([&] { return count(runs) >= 1000; });
  EXPECT_EQ(count(effects), 0u);
  EXPECT_LT(count(runs), 2000u) << "effects that wait are not bounded";
  app.trouble.release_tidemark();
  EXPECT_EQ(published.get(), 204);
  app.wait_until([&] { return count(effects) == EVENTS; });
  EXPECT_EQ(effects, runs);
}

TEST(AfterDurable, CallsOnceForAllRerunsAndNeverForWhatIsDiscarded) {
  Service service = make_notes();
  std::mutex mutex;
  std::vector<std::uint32_t> attempts;
  std::atomic<int> runs{0};
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted& event) {
                   ++runs;
                   tx.after_durable([&, attempt = tx.attempt()] {
                     const std::scoped_lock lock{mutex};
                     attempts.push_back(attempt);
                   });
                   tx.put(Note{.id = event.key, .text = {}, .count = event.number});
                   if (tx.attempt() < 3) throw std::runtime_error{"not yet"};
                 })
      .retry(QUICKLY);
  TroubledApplication app{{&service}};
  app.trouble.conflicts = 4;
  ASSERT_EQ(app.publish("a", 1).status, 204);
  const auto called = [&] {
    const std::scoped_lock lock{mutex};
    return !attempts.empty();
  };
  app.wait_until(called);
  app.restart();
  EXPECT_EQ(attempts, std::vector<std::uint32_t>{3});
  EXPECT_EQ(runs, 7);
}

TEST(AfterDurable, CallsNothingForAnEventThatIsGivenUp) {
  Service service = make_notes();
  std::atomic<int> effects{0};
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted&) {
                   tx.after_durable([&] { ++effects; });
                   throw std::runtime_error{"never"};
                 })
      .retry(QUICKLY);
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.publish("a", 1).status, 204);
  app.wait_until([&] { return !app.dead_letters().empty(); });
  app.stop();
  EXPECT_EQ(effects, 0);
}

TEST(AfterDurable, AnEffectThatFailsTakesNothingFromTheOthersOrTheAnswer) {
  Service service = make_notes();
  std::atomic<int> called{0};
  const auto leave_effects = [&](Transaction& tx) {
    tx.after_durable([] { throw Conflict{"the printer is on fire"}; });
    tx.after_durable([] { throw 42; });
    tx.after_durable([&] { ++called; });
  };
  service.on<Noted>("noted", [&](Transaction& tx, const Noted&) { leave_effects(tx); });
  service.post("/notes", [&](Transaction& tx, const Note& note) {
    leave_effects(tx);
    tx.put(note);
    return note;
  });
  TroubledApplication app{{&service}};
  EXPECT_EQ(app.request("POST", "/notes", to_json(Note{"a", {}, 0})).status, 201);
  EXPECT_EQ(called, 1);
  ASSERT_EQ(app.publish("a", 2).status, 204);
  app.wait_until([&] { return called == 3; });
}

TEST(Durable, WaitsForTheEventThatIsHandled) {
  Service service = make_notes();
  std::atomic<bool> before{false}, after{false};
  service.on<Noted>("noted", [&](Transaction& tx, const Noted&) {
    before = true;
    tx.durable();
    after = true;
  });
  TroubledApplication app{{&service}};
  app.trouble.hold_tidemark();
  auto published = send(app, "POST", "/publish", to_json(Batch{"a", 1}));
  app.wait_until([&] { return before && app.trouble.waiting() == 2; });
  EXPECT_TRUE(app.trouble.waited_for(app.trouble.last_commit));
  EXPECT_FALSE(after);
  app.trouble.release_tidemark();
  app.wait_until([&] { return after.load(); });
  EXPECT_EQ(published.get(), 204);
}

// What one run may hand to somebody outside.
struct Ids {
  std::string effect_key, first_id, second_id, timer, cause;
  TimePoint now;
  bool operator==(const Ids&) const = default;
};

TEST(Ids, StayTheSameOverRerunsRetriesAndRestarts) {
  Service service = make_notes();
  std::mutex mutex;
  std::vector<Ids> ids;
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted& event) {
                   const std::scoped_lock lock{mutex};
                   ids.push_back({tx.effect_key(), tx.new_id(), tx.new_id(),
                                  tx.publish_after(std::chrono::hours{1}, Noted{"later", 0}), tx.cause(), tx.now()});
                   tx.put(Note{.id = event.key, .text = {}, .count = event.number});
                   if (ids.size() == 3) throw std::runtime_error{"after two conflicts"};
                   if (ids.size() == 4) throw std::runtime_error{"and after a restart"};
                 })
      .retry({.attempts = 3, .first = 300ms, .at_most = 300ms});
  TroubledApplication app{{&service}};
  app.trouble.conflicts = 2;
  ASSERT_EQ(app.publish("a", 1).status, 204);
  const auto runs = [&] {
    const std::scoped_lock lock{mutex};
    return ids.size();
  };
  app.wait_until([&] { return runs() == 3; });
  app.restart();
  app.wait_until([&] { return runs() == 5; });
  EXPECT_EQ(ids[0], ids[1]) << "a conflict changed them";
  EXPECT_EQ(ids[0], ids[2]) << "a conflict changed them";
  for (auto& of_retry : ids) of_retry.now = ids[0].now;  // a retry has a time of its own
  EXPECT_EQ(ids[0], ids[3]) << "a retry changed them";
  EXPECT_EQ(ids[0], ids[4]) << "a restart changed them";
  EXPECT_NE(ids[0].first_id, ids[0].second_id);
}

TEST(Ids, OfPublishedEventsDeriveFromTheEventTheGroupAndTheirNumber) {
  Service service = make_notes();
  for (const auto* group : {"one", "two"})
    service
        .on<Noted>("noted",
                   [](Transaction& tx, const Noted& event) {
                     tx.put(Note{.id = event.key, .text = {}, .count = event.number});
                     tx.publish(Note{event.key, "first", 0});
                     tx.publish(Note{event.key, "second", 0});
                     if (tx.attempt() == 1) throw std::runtime_error{"not yet"};
                   })
        .group(group)
        .retry(QUICKLY);
  TroubledApplication app{{&service}};
  app.trouble.conflicts = 3;
  ASSERT_EQ(app.publish("a", 1).status, 204);
  app.wait_until([&] { return app.entries("note").size() >= 4; });
  app.restart();

  const auto handled = app.entries("noted").front();
  const std::string cause{handled.fields.find("ce_id").value()};
  const TimePoint time{std::chrono::milliseconds{static_cast<std::int64_t>(handled.id.ms)}};
  std::multiset<std::string> expected, published;
  for (const auto* scope : {"one/noted", "two/noted"})
    for (const std::uint32_t number : {0u, 1u}) expected.insert(derive_ulid(time, cause, scope, number));
  for (const auto& entry : app.entries("note")) published.insert(std::string{entry.fields.find("ce_id").value()});
  EXPECT_EQ(published, expected);
  EXPECT_EQ(std::set<std::string>(published.begin(), published.end()).size(), 4u);
}

}  // namespace
}  // namespace tidemark::kit
