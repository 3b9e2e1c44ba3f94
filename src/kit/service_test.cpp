// Services as their authors write them, run for real on an embedded store: what handlers and endpoints may rely on.
#include "tidemark/service.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "fiber/fiber.hpp"
#include "tidemark/testing.hpp"
#include "tidemark/tidemark.hpp"

namespace tidemark {

struct Note {
  std::string id;
  std::string text;
  int count = 0;
};
BOOST_DESCRIBE_STRUCT(Note, (), (id, text, count))

struct Noted {
  std::string key;
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(Noted, (), (key, number))

struct Batch {
  std::string key;
  int count = 0;
};
BOOST_DESCRIBE_STRUCT(Batch, (), (key, count))

namespace {

using namespace std::chrono_literals;
using testing::Reply;
using testing::TestApplication;

// What handlers of one test have seen, from any thread.
class Seen {
 public:
  void add(const std::string& key, int number) {
    const std::scoped_lock lock{mutex_};
    numbers_[key].push_back(number);
  }
  std::vector<int> of(const std::string& key) const {
    const std::scoped_lock lock{mutex_};
    const auto at = numbers_.find(key);
    return at == numbers_.end() ? std::vector<int>{} : at->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<int>> numbers_;
};

std::vector<int> first_numbers(int count) {
  std::vector<int> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

// POST /publish {"key","count"} publishes `count` numbered events of the key.
void add_publisher(Service& service) {
  service.post("/publish", [](Transaction& tx, const Batch& batch) {
    for (int i = 0; i < batch.count; ++i) tx.publish(Noted{batch.key, i});
  });
}

Reply publish(TestApplication& app, const std::string& key, int count) {
  return app.request("notes", "POST", "/publish", to_json(Batch{key, count}));
}

constexpr Retry QUICKLY{.attempts = 3, .first = 1ms, .at_most = 5ms};

TEST(Handlers, GetTheEventsOfAKeyInOrderAndEachOnce) {
  Service service{"notes"};
  Seen seen;
  add_publisher(service);
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TestApplication app{{&service}};
  for (const auto* key : {"a", "b", "c"}) ASSERT_EQ(publish(app, key, 300).status, 204);
  for (const auto* key : {"a", "b", "c"}) {
    app.wait_until([&] { return seen.of(key).size() >= 300; });
    EXPECT_EQ(seen.of(key), first_numbers(300));
  }
}

TEST(Handlers, CommitDocumentsEventsAndTheAcknowledgementTogether) {
  Service service{"notes"};
  add_publisher(service);
  service.on<Noted>("noted", [&](Transaction& tx, const Noted& event) {
    auto note = tx.find<Note>(event.key).value_or(Note{.id = event.key});
    ++note.count;
    tx.put(note);
  });
  service.get("/notes/{id}", [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
  TestApplication app{{&service}};
  ASSERT_EQ(publish(app, "a", 100).status, 204);
  const auto count = [&] { return app.request("notes", "GET", "/notes/a").body; };
  app.wait_until([&] { return count().find("\"count\":100") != std::string::npos; });
  app.restart();
  EXPECT_NE(count().find("\"count\":100"), std::string::npos) << "events took effect again after a restart";
}

TEST(Handlers, RetryAFailureAndThenGoOn) {
  Service service{"notes"};
  Seen seen;
  std::atomic<int> failures{0};
  add_publisher(service);
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
  TestApplication app{{&service}};
  ASSERT_EQ(publish(app, "a", 5).status, 204);
  app.wait_until([&] { return seen.of("a").size() == 5; });
  EXPECT_EQ(seen.of("a"), first_numbers(5)) << "an event overtook a failed one of its key";
  EXPECT_EQ(failures, 2);
}

TEST(Handlers, AFailingEventBlocksItsOwnKeyOnlyAndEndsAmongTheDeadLetters) {
  Service service{"notes"};
  Seen seen;
  std::atomic<bool> mended{false};
  add_publisher(service);
  service
      .on<Noted>("noted",
                 [&](Transaction&, const Noted& event) {
                   if (event.key == "bad" && event.number == 0 && !mended) throw std::runtime_error{"broken on purpose"};
                   seen.add(event.key, event.number);
                 })
      .retry(QUICKLY);
  TestApplication app{{&service}};
  ASSERT_EQ(publish(app, "bad", 3).status, 204);
  ASSERT_EQ(publish(app, "good", 3).status, 204);
  app.wait_until([&] { return seen.of("good").size() == 3 && seen.of("bad").size() == 2; });
  EXPECT_EQ(seen.of("bad"), (std::vector{1, 2}));

  const std::string letters = "/admin/v1/dead-letters/noted/notes";
  const auto list = app.request("notes", "GET", letters);
  ASSERT_NE(list.body.find("broken on purpose"), std::string::npos) << list.body;
  EXPECT_NE(list.body.find("\"attempts\":3"), std::string::npos) << list.body;
  const auto at = list.body.find("\"id\":\"") + 6;
  const auto id = list.body.substr(at, list.body.find('"', at) - at);

  mended = true;
  EXPECT_EQ(app.request("notes", "POST", letters + "/" + id + "/redrive").status, 200);
  app.wait_until([&] { return seen.of("bad").size() == 3; });
  EXPECT_EQ(seen.of("bad").back(), 0);
  EXPECT_EQ(app.request("notes", "POST", letters + "/" + id + "/redrive").status, 404) << "a dead letter was redriven twice";
}

TEST(Handlers, TakeUpAfterARestartWhatWaitedForARetry) {
  std::atomic<bool> mended{false};
  Seen seen;
  Service service{"notes"};
  add_publisher(service);
  service
      .on<Noted>("noted",
                 [&](Transaction&, const Noted& event) {
                   if (!mended) throw std::runtime_error{"not yet"};
                   seen.add(event.key, event.number);
                 })
      .retry({.attempts = 100, .first = 1ms, .at_most = 20ms});
  TestApplication app{{&service}};
  ASSERT_EQ(publish(app, "a", 20).status, 204);
  app.restart();
  mended = true;
  app.wait_until([&] { return seen.of("a").size() == 20; });
  EXPECT_EQ(seen.of("a"), first_numbers(20));
}

TEST(Handlers, AreCancelledAtTheirDeadline) {
  Service service{"notes"};
  std::atomic<int> runs{0};
  add_publisher(service);
  service
      .on<Noted>("noted",
                 [&](Transaction&, const Noted&) {
                   ++runs;
                   for (;;) this_fiber::sleep_for(Duration{1});
                 })
      .deadline(20ms)
      .retry({.attempts = 2, .first = 1ms, .at_most = 1ms});
  TestApplication app{{&service}};
  ASSERT_EQ(publish(app, "a", 1).status, 204);
  app.wait_until([&] {
    return app.request("notes", "GET", "/admin/v1/dead-letters/noted/notes").body.find("deadline") != std::string::npos;
  });
  EXPECT_EQ(runs, 2);
}

TEST(Timers, PublishWhenTheirTimeHasCome) {
  Service service{"notes"};
  Seen seen;
  service.post("/later", [](Transaction& tx, const Batch& batch) {
    tx.publish_after(30ms, Noted{batch.key, 1});
    tx.cancel_timer(tx.publish_after(1ms, Noted{batch.key, 2}));
  });
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TestApplication app{{&service}};
  ASSERT_EQ(app.request("notes", "POST", "/later", to_json(Batch{"a", 1})).status, 204);
  app.wait_until([&] { return !seen.of("a").empty(); });
  EXPECT_EQ(seen.of("a"), std::vector{1}) << "a cancelled timer fired";
}

TEST(Timers, SurviveARestart) {
  Service service{"notes"};
  Seen seen;
  service.post("/later", [](Transaction& tx, const Batch& batch) { tx.publish_after(200ms, Noted{batch.key, 1}); });
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  TestApplication app{{&service}};
  ASSERT_EQ(app.request("notes", "POST", "/later", to_json(Batch{"a", 1})).status, 204);
  app.restart();
  app.wait_until([&] { return !seen.of("a").empty(); });
}

TEST(Endpoints, RunAgainWhenSomebodyWasFaster) {
  Service service{"notes"};
  service.post("/count", [](Transaction& tx, const Batch& batch) {
    auto note = tx.find<Note>(batch.key).value_or(Note{.id = batch.key});
    ++note.count;
    tx.put(note);
    return note;
  });
  service.get("/notes/{id}", [](Transaction& tx, const Request& request) { return tx.get<Note>(request.path_parameter("id")); });
  TestApplication app{{&service}};
  constexpr int THREADS = 4, EACH = 50;
  std::vector<std::thread> threads;
  std::atomic<int> created{0};
  for (int i = 0; i < THREADS; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < EACH; ++j)
        if (app.request("notes", "POST", "/count", to_json(Batch{"a", 0})).status == 201) ++created;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(created, THREADS * EACH);
  EXPECT_NE(app.request("notes", "GET", "/notes/a").body.find("\"count\":200"), std::string::npos);
}

TEST(Endpoints, KeepAUniqueIndex) {
  Service service{"notes"};
  service.collection<Note>("notes").unique(&Note::text).index(&Note::count);
  service.post("/notes", [](Transaction& tx, const Note& note) {
    tx.put(note);
    return note;
  });
  service.get("/counted", [](Transaction& tx, const Request& request) {
    return tx.documents<Note>().from(&Note::count, 2).below(&Note::count, 4).page_of(request).page();
  });
  TestApplication app{{&service}};
  for (int i = 0; i < 5; ++i) {
    const Note note{std::to_string(i), "text " + std::to_string(i), i};
    ASSERT_EQ(app.request("notes", "POST", "/notes", to_json(note)).status, 201);
  }
  const auto clash = app.request("notes", "POST", "/notes", to_json(Note{"other", "text 3", 9}));
  EXPECT_EQ(clash.status, 409) << clash.body;
  EXPECT_EQ(app.request("notes", "GET", "/counted").body,
            R"({"items":[{"id":"2","text":"text 2","count":2},{"id":"3","text":"text 3","count":3}],"next":null})");
}

TEST(Endpoints, DescribeThemselves) {
  Service service{"notes"};
  service.post("/notes", [](Transaction& tx, const Note& note) {
    tx.put(note);
    return note;
  }).summary("A new note");
  TestApplication app{{&service}};
  const auto openapi = app.request("notes", "GET", "/openapi.json");
  EXPECT_EQ(openapi.status, 200);
  for (const auto* part : {"\"/notes\"", "A new note", "#/components/schemas/Note"})
    EXPECT_NE(openapi.body.find(part), std::string::npos) << part;
  EXPECT_EQ(app.request("notes", "GET", "/docs").status, 200);
  EXPECT_EQ(app.request("notes", "GET", "/health/live").status, 200);
  EXPECT_EQ(app.request("notes", "GET", "/health/ready").status, 200);
  EXPECT_NE(app.request("notes", "GET", "/metrics").body.find("tidemark_"), std::string::npos);
}

TEST(Declarations, ThatClashAreRefusedAtTheStart) {
  Service service{"notes"};
  service.on<Noted>("noted", [](Transaction&, const Noted&) {});
  service.on<Noted>("noted", [](Transaction&, const Noted&) {});
  EXPECT_THROW(TestApplication{{&service}}, Invalid);
  EXPECT_THROW(Service{"Not A Name"}, std::logic_error);
  Service twice{"twice"};
  const auto nothing = [](Transaction&) {};
  twice.get("/a", nothing);
  twice.get("/a", nothing);
  EXPECT_THROW(TestApplication{{&twice}}, Invalid);
}

}  // namespace
}  // namespace tidemark
