// Handlers as services' authors write them, run for real on an embedded store: order, retries, dead letters, and what
// counts as an attempt.
#include <gtest/gtest.h>

#include <atomic>

#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

TEST(Handlers, GetTheEventsOfAKeyInOrderAndEachOnce) {
  Service service = make_notes();
  Seen seen;
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TroubledApplication app{{&service}};
  for (const auto* key : {"a", "b", "c"}) ASSERT_EQ(app.publish(key, 300).status, 204);
  for (const auto* key : {"a", "b", "c"}) {
    app.wait_until([&] { return seen.of(key).size() >= 300; });
    EXPECT_EQ(seen.of(key), first_numbers(300));
  }
}

TEST(Handlers, CommitDocumentsEventsAndTheAcknowledgementTogether) {
  Service service = make_notes();
  service.on<Noted>("noted", [&](Transaction& tx, const Noted& event) {
    auto note = tx.find<Note>(event.key).value_or(Note{.id = event.key});
    ++note.count;
    tx.put(note);
  });
  service.get("/notes/{id}",
              [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.publish("a", 100).status, 204);
  const auto count = [&] { return app.request("GET", "/notes/a").body; };
  app.wait_until([&] { return count().find("\"count\":100") != std::string::npos; });
  app.restart();
  EXPECT_NE(count().find("\"count\":100"), std::string::npos) << "events took effect again after a restart";
}

TEST(Handlers, RetryAFailureAndThenGoOn) {
  Service service = make_notes();
  Seen seen;
  std::atomic<int> failures{0};
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted& event) {
                   if (event.number == 1 && tx.attempt() < 3) {
                     ++failures;
                     throw std::runtime_error{"not yet"};
                   }
                   seen.add(event.key, event.number);
                 })
      .retry(QUICKLY);
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.publish("a", 5).status, 204);
  app.wait_until([&] { return seen.of("a").size() == 5; });
  EXPECT_EQ(seen.of("a"), first_numbers(5)) << "an event overtook a failed one of its key";
  EXPECT_EQ(failures, 2);
}

TEST(Handlers, AFailingEventBlocksItsOwnKeyOnlyAndEndsAmongTheDeadLetters) {
  Service service = make_notes();
  Seen seen;
  std::atomic<bool> mended{false};
  service
      .on<Noted>("noted",
                 [&](Transaction&, const Noted& event) {
                   if (event.key == "bad" && event.number == 0 && !mended)
                     throw std::runtime_error{"broken on purpose"};
                   seen.add(event.key, event.number);
                 })
      .retry(QUICKLY);
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.publish("bad", 3).status, 204);
  ASSERT_EQ(app.publish("good", 3).status, 204);
  app.wait_until([&] { return seen.of("good").size() == 3 && seen.of("bad").size() == 2; });
  EXPECT_EQ(seen.of("bad"), (std::vector{1, 2}));

  const std::string letters = "/admin/v1/dead-letters/noted/notes";
  const auto list = app.request("GET", letters);
  ASSERT_NE(list.body.find("broken on purpose"), std::string::npos) << list.body;
  EXPECT_NE(list.body.find("\"attempts\":3"), std::string::npos) << list.body;
  const auto at = list.body.find("\"id\":\"") + 6;
  const auto id = list.body.substr(at, list.body.find('"', at) - at);

  mended = true;
  EXPECT_EQ(app.request("POST", letters + "/" + id + "/redrive").status, 200);
  app.wait_until([&] { return seen.of("bad").size() == 3; });
  EXPECT_EQ(seen.of("bad").back(), 0);
  EXPECT_EQ(app.request("POST", letters + "/" + id + "/redrive").status, 404) << "a dead letter was redriven twice";
}

TEST(Handlers, TakeUpAfterARestartWhatWaitedForARetry) {
  std::atomic<bool> mended{false};
  Seen seen;
  Service service = make_notes();
  service
      .on<Noted>("noted",
                 [&](Transaction&, const Noted& event) {
                   if (!mended) throw std::runtime_error{"not yet"};
                   seen.add(event.key, event.number);
                 })
      .retry({.attempts = 100, .first = 1ms, .at_most = 20ms});
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.publish("a", 20).status, 204);
  app.restart();
  mended = true;
  app.wait_until([&] { return seen.of("a").size() == 20; });
  EXPECT_EQ(seen.of("a"), first_numbers(20));
}

TEST(Handlers, AreCancelledAtTheirDeadline) {
  Service service = make_notes();
  std::atomic<int> runs{0};
  service
      .on<Noted>("noted",
                 [&](Transaction&, const Noted&) {
                   ++runs;
                   for (;;) this_fiber::sleep_for(Duration{1});
                 })
      .deadline(20ms)
      .retry({.attempts = 2, .first = 1ms, .at_most = 1ms});
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.publish("a", 1).status, 204);
  app.wait_until([&] {
    return app.request("GET", "/admin/v1/dead-letters/noted/notes").body.find("deadline") != std::string::npos;
  });
  EXPECT_EQ(runs, 2);
}

// --- What counts as an attempt ---

TEST(Attempts, AreNotCountedForConflicts) {
  Service service = make_notes();
  std::atomic<int> runs{0}, later_attempts{0};
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted& event) {
                   ++runs;
                   if (tx.attempt() != 1) ++later_attempts;
                   tx.put(Note{.id = event.key, .text = {}, .count = event.number});
                 })
      .retry({.attempts = 1});
  service.get("/notes/{id}",
              [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
  TroubledApplication app{{&service}};
  app.trouble.conflicts = 7;
  ASSERT_EQ(app.publish("a", 1).status, 204);
  app.wait_until([&] { return app.request("GET", "/notes/a").status == 200; });
  EXPECT_EQ(runs, 8);
  EXPECT_EQ(later_attempts, 0);
  EXPECT_TRUE(app.dead_letters().empty());
}

// The exceptions that the store's own refusals have too say nothing special when the function throws them itself.
TEST(Attempts, AreCountedForWhateverTheHandlerThrows) {
  struct Case {
    const char* name;
    void (*fail)();
  };
  for (const auto& [name, fail_with] :
       {Case{"Conflict", [] { throw Conflict{"by hand"}; }}, Case{"Fenced", [] { throw Fenced{"by hand"}; }},
        Case{"Unavailable", [] { throw Unavailable{"by hand"}; }},
        Case{"Overloaded", [] { throw Overloaded{"by hand"}; }}, Case{"TimedOut", [] { throw TimedOut{"by hand"}; }},
        Case{"cancelled",
             [] {
               throw Error{ErrorCode::cancelled, "by hand"};
             }},
        Case{"an int", [] { throw 42; }}}) {
    Service service = make_notes();
    std::atomic<int> runs{0};
    service
        .on<Noted>("noted",
                   [&, fail_with = fail_with](Transaction&, const Noted&) {
                     ++runs;
                     fail_with();
                   })
        .retry(QUICKLY);
    TroubledApplication app{{&service}};
    ASSERT_EQ(app.publish("a", 1).status, 204);
    app.wait_until([&] { return !app.dead_letters().empty(); });
    EXPECT_EQ(runs, 3) << name;
    EXPECT_EQ(app.dead_letters().front().attempts, 3u) << name;
  }
}

TEST(Attempts, AreNotCountedWhileTheStoreCannotBeReached) {
  Service service = make_notes();
  std::atomic<int> runs{0};
  Seen seen;
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted& event) {
                   ++runs;
                   tx.find<Note>(event.key);
                   seen.add(event.key, static_cast<int>(tx.attempt()));
                 })
      .retry({.attempts = 1});
  TroubledApplication app{{&service}};
  app.trouble.outages = 2;
  ASSERT_EQ(app.publish("a", 1).status, 204);
  app.wait_until([&] { return !seen.of("a").empty(); });
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(seen.of("a"), std::vector{1});
  EXPECT_TRUE(app.dead_letters().empty());
}

// A service "notes" whose documents count the events of their key, and its GET /notes/{id}.
Service make_counting_notes(Seen& attempts) {
  Service service = make_notes();
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted& event) {
                   attempts.add(event.key, static_cast<int>(tx.attempt()));
                   auto note = tx.find<Note>(event.key).value_or(Note{.id = event.key});
                   ++note.count;
                   tx.put(note);
                 })
      .retry({.attempts = 1});
  service.get("/notes/{id}",
              [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
  return service;
}

TEST(Attempts, AreNotCountedWhileNothingCanBeCommitted) {
  for (const int events : {1, 5}) {
    Seen attempts;
    Service service = make_counting_notes(attempts);
    TroubledApplication app{{&service}};
    app.trouble.commit_outages = 2;
    ASSERT_EQ(app.publish("a", events).status, 204);
    app.wait_until([&] { return app.trouble.commit_outages == 0 && app.pending().empty(); });
    const auto counted = "\"count\":" + std::to_string(events);
    app.wait_until([&] { return app.request("GET", "/notes/a").body.find(counted) != std::string::npos; });
    EXPECT_TRUE(app.dead_letters().empty());
    for (const int attempt : attempts.of("a")) EXPECT_EQ(attempt, 1);
  }
}

// Whether a commit whose answer is lost has applied is decided by the fence: the next run's commit is refused.
TEST(Handlers, TakeEffectOnceThoughTheAnswerToTheirCommitIsLost) {
  for (const int events : {1, 5}) {
    Seen attempts;
    Service service = make_counting_notes(attempts);
    TroubledApplication app{{&service}};
    app.trouble.lost_answers = 2;
    ASSERT_EQ(app.publish("a", events).status, 204);
    ASSERT_EQ(app.publish("b", events).status, 204);
    const auto is_counted = [&](const std::string& key) {
      return app.request("GET", "/notes/" + key).body.find("\"count\":" + std::to_string(events)) != std::string::npos;
    };
    app.wait_until([&] { return is_counted("a") && is_counted("b") && app.pending().empty(); });
    EXPECT_EQ(app.trouble.lost_answers, 0);
    app.restart();
    ASSERT_EQ(app.publish("c", events).status, 204);
    app.wait_until([&] { return is_counted("c"); });
    EXPECT_TRUE(is_counted("a") && is_counted("b")) << "an event took effect again";
    EXPECT_TRUE(app.dead_letters().empty());
  }
}

TEST(Attempts, CommitNothingThatWasConcludedFromAnOutage) {
  Service service = make_notes();
  service.on<Noted>("noted", [&](Transaction& tx, const Noted& event) {
    try {
      tx.get<Note>(event.key);
    } catch (const std::exception& error) {
      tx.put(Note{.id = event.key, .text = error.what(), .count = 0});
    }
  });
  service.get("/notes/{id}",
              [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
  TroubledApplication app{{&service}};
  app.trouble.outages = 1;
  app.append("noted", {{"key", "a"}, {"number", "1"}});
  app.wait_until([&] { return app.trouble.outages == 0 && app.request("GET", "/notes/a").status == 200; });
  EXPECT_NE(app.request("GET", "/notes/a").body.find("there is no"), std::string::npos);
}

TEST(Attempts, AnEventThatCannotBeReadHasOneAndHoldsUpNobody) {
  Service service = make_notes();
  Seen seen;
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TroubledApplication app{{&service}};
  app.append("noted", {{"key", "a"}, {"number", "0"}});
  app.append("noted", {{"key", "a"}, {"number", "many"}});
  app.append("noted", {{"something", "else"}});
  app.append("noted", {{"key", "b"}, {"number", "0"}});
  app.append("noted", {{"key", "a"}, {"number", "1"}});
  app.wait_until(
      [&] { return seen.of("a").size() == 2 && seen.of("b").size() == 1 && app.dead_letters().size() == 2; });
  EXPECT_EQ(seen.of("a"), (std::vector{0, 1}));
  for (const auto& letter : app.dead_letters()) EXPECT_EQ(letter.attempts, 1u) << letter.error;
  EXPECT_NE(app.dead_letters().front().error.find("number: "), std::string::npos) << app.dead_letters().front().error;
}

TEST(Attempts, AHandlerThatSwallowsItsDeadlineCommitsNothing) {
  Service service = make_notes();
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted& event) {
                   try {
                     this_fiber::sleep_for(std::chrono::hours{1});
                   } catch (const std::exception&) {
                   }
                   tx.put(Note{.id = event.key, .text = {}, .count = 0});
                 })
      .deadline(10ms)
      .retry({.attempts = 1});
  service.get("/notes/{id}",
              [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.publish("a", 1).status, 204);
  app.wait_until([&] { return !app.dead_letters().empty(); });
  EXPECT_EQ(app.request("GET", "/notes/a").status, 404);
}

TEST(DeadLetters, KeepTheEventThatIsAsLargeAsOneMayBe) {
  Service service{"notes"};
  service.post("/large", [](Transaction& tx, const Batch& batch) {
    tx.publish(Note{batch.key, std::string(static_cast<std::size_t>(batch.count), 'x'), 0});
  });
  service.on<Note>("note", [](Transaction&, const Note&) { throw std::runtime_error{std::string(10'000, 'y')}; })
      .retry({.attempts = 1});
  TroubledApplication app{{&service}};
  EXPECT_EQ(app.request("POST", "/large", to_json(Batch{"a", 1 << 20})).status, 413);
  const int largest = (1 << 20) - (4 << 10) - 300;  // less the other fields and the attributes
  ASSERT_EQ(app.request("POST", "/large", to_json(Batch{"a", largest})).status, 204);
  app.wait_until([&] { return !app.dead_letters("note").empty(); });
  EXPECT_EQ(app.dead_letters("note").front().event.find("text")->size(), static_cast<std::size_t>(largest));
}

TEST(DeadLetters, AreRedrivenAsTheSameEvent) {
  Service service = make_notes();
  std::mutex mutex;
  std::vector<std::string> keys;
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted&) {
                   const std::scoped_lock lock{mutex};
                   keys.push_back(tx.effect_key());
                   if (keys.size() == 1) throw std::runtime_error{"not yet"};
                 })
      .retry({.attempts = 1});
  TroubledApplication app{{&service}};
  app.append("noted", {{"key", "a"}, {"number", "0"}});  // without a ce_id
  app.wait_until([&] { return !app.dead_letters().empty(); });
  const auto path = "/admin/v1/dead-letters/noted/notes/" + app.dead_letters().front().id.text() + "/redrive";
  ASSERT_EQ(app.request("POST", path).status, 200);
  app.wait_until([&] {
    const std::scoped_lock lock{mutex};
    return keys.size() == 2;
  });
  EXPECT_EQ(keys[0], keys[1]) << "an outside effect would happen twice";
}

}  // namespace
}  // namespace tidemark::kit
