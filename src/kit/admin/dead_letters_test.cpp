// The operator's endpoints about dead letters: grouped by error, tried, redriven, discarded.
#include <gtest/gtest.h>

#include <algorithm>

#include "kit/testing/test_service.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

struct ErrorCount {
  std::string error;
  int count;
  std::string first, last;
};
BOOST_DESCRIBE_STRUCT(ErrorCount, (), (error, count, first, last))

struct LetterGroup {
  std::string topic, group;
  std::optional<std::string> service;
  int count;
  std::vector<ErrorCount> errors;
};
BOOST_DESCRIBE_STRUCT(LetterGroup, (), (topic, group, service, count, errors))

struct LetterGroups {
  std::vector<LetterGroup> items;
};
BOOST_DESCRIBE_STRUCT(LetterGroups, (), (items))

struct Letter {
  std::string id, error, key, type;
  int attempts;
  std::map<std::string, std::string> fields;
};
BOOST_DESCRIBE_STRUCT(Letter, (), (id, error, key, type, attempts, fields))

struct Letters {
  std::vector<Letter> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(Letters, (), (items, next))

struct Published {
  std::string topic, key;
  std::optional<TimePoint> due;
  std::map<std::string, std::string> fields;
};
BOOST_DESCRIBE_STRUCT(Published, (), (topic, key, due, fields))

struct Changed {
  std::string collection, id;
  std::optional<Note> before, after;
};
BOOST_DESCRIBE_STRUCT(Changed, (), (collection, id, before, after))

struct Trial {
  std::string outcome;
  std::optional<std::string> error;
  bool stopped_at_durable;
  int effects;
  std::vector<Published> publishes;
  std::vector<Changed> documents;
};
BOOST_DESCRIBE_STRUCT(Trial, (), (outcome, error, stopped_at_durable, effects, publishes, documents))

struct Reminder {
  std::string key;
};
BOOST_DESCRIBE_STRUCT(Reminder, (), (key))

const std::string LETTERS = "/admin/v1/dead-letters/noted/notes";

class AdminLetters : public ::testing::Test {
 protected:
  AdminLetters() {
    service.on<Noted>("noted", [this](Transaction& tx, const Noted& event) { run(tx, event); }).retry({.attempts = 1});
    service.post("/set/{id}", [](Transaction& tx, const Request& request) {
      tx.put(Note{request.path_parameter("id"), "from before", 1});
    });
    app.emplace(std::vector<const Service*>{&service});
  }
  testing::Reply post(const std::string& path, const std::string& body = "{}") {
    return app->request("POST", path, body, {{"Content-Type", "application/json"}});
  }
  std::vector<Letter> letters(const std::string& query = "") {
    return from_json<Letters>(app->request("GET", LETTERS + query).body).items;
  }
  std::vector<LetterGroup> groups() {
    return from_json<LetterGroups>(app->request("GET", "/admin/v1/dead-letters").body).items;
  }
  void bury(const std::string& key, int count) {
    const auto before = letters("?limit=500").size();
    ASSERT_EQ(app->publish(key, count).status, 204);
    app->wait_until([&] { return letters("?limit=500").size() == before + static_cast<std::size_t>(count); });
  }

  Service service = make_notes();
  Seen seen;
  std::atomic<bool> mended{false};
  std::atomic<int> effects{0};
  std::optional<TroubledApplication> app;

 private:
  void run(Transaction& tx, const Noted& event) {
    if (!mended && event.key == "durable") throw std::runtime_error{"not yet"};
    if (!mended) throw std::runtime_error{event.key + " number " + std::to_string(event.number) + " is not wanted"};
    auto note = tx.find<Note>(event.key).value_or(Note{event.key, "", 0});
    note.text = "handled";
    ++note.count;
    tx.put(note);
    tx.publish_after(1h, Reminder{event.key});
    tx.publish(Reminder{event.key});
    tx.after_durable([this] { ++effects; });
    if (event.key == "durable") {
      try {
        tx.durable();
      } catch (const Unavailable&) {
        return;  // what it would do outside is left out
      }
      ++effects;
    }
    seen.add(event.key, event.number);
  }
};

TEST_F(AdminLetters, AreGroupedByWhatTheyFailedWith) {
  EXPECT_TRUE(groups().empty());
  bury("a", 3);
  bury("b", 2);
  const auto all = groups();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].topic, "noted");
  EXPECT_EQ(all[0].group, "notes");
  EXPECT_EQ(all[0].service, "notes");
  EXPECT_EQ(all[0].count, 5);
  ASSERT_EQ(all[0].errors.size(), 2u);
  EXPECT_EQ(all[0].errors[0].error, "a number … is not wanted");
  EXPECT_EQ(all[0].errors[0].count, 3);
  EXPECT_LE(all[0].errors[0].first, all[0].errors[0].last);

  const auto of_b = letters("?error=b%20number%20%E2%80%A6%20is%20not%20wanted");
  ASSERT_EQ(of_b.size(), 2u);
  EXPECT_EQ(of_b[0].key, "b");
  EXPECT_EQ(of_b[0].type, "Noted");
  EXPECT_EQ(of_b[0].error, "b number 0 is not wanted");
  EXPECT_EQ(letters("?error=b%20number%201%20is%20not%20wanted").size(), 1u) << "by its own text";
  EXPECT_TRUE(letters("?error=nothing").empty());
}

TEST_F(AdminLetters, AreReadInPages) {
  bury("a", 7);
  std::vector<std::string> numbers;
  std::string after;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page = from_json<Letters>(app->request("GET", LETTERS + "?limit=3" + after).body);
    for (const auto& letter : page.items) numbers.push_back(letter.fields.at("number"));
    if (!page.next) break;
    after = "&after=" + *page.next;
  }
  EXPECT_EQ(numbers, (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6"}));
  EXPECT_EQ(app->request("GET", LETTERS + "?limit=0").status, 422);
  EXPECT_EQ(app->request("GET", LETTERS + "?after=x").status, 422);
  EXPECT_EQ(app->request("GET", "/admin/v1/dead-letters/noted/nobody").status, 404);
}

TEST_F(AdminLetters, AreTriedWithoutConsequences) {
  ASSERT_EQ(app->request("POST", "/set/a").status, 204);
  bury("a", 1);
  const auto path = LETTERS + "/" + letters()[0].id + "/try";
  const auto failing = from_json<Trial>(post(path).body);
  EXPECT_EQ(failing.outcome, "error");
  EXPECT_EQ(failing.error, "a number 0 is not wanted");

  mended = true;
  const auto reply = post(path);
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto trial = from_json<Trial>(reply.body);
  EXPECT_EQ(trial.outcome, "ok");
  EXPECT_FALSE(trial.error);
  EXPECT_FALSE(trial.stopped_at_durable);
  EXPECT_EQ(trial.effects, 1);
  ASSERT_EQ(trial.publishes.size(), 2u);
  EXPECT_EQ(trial.publishes[0].topic, "reminder");
  EXPECT_EQ(trial.publishes[0].key, "a");
  EXPECT_EQ(trial.publishes[0].fields.at("key"), "a");
  EXPECT_FALSE(trial.publishes[0].due);
  EXPECT_TRUE(trial.publishes[1].due);
  ASSERT_EQ(trial.documents.size(), 1u);
  EXPECT_EQ(trial.documents[0].before->text, "from before");
  EXPECT_EQ(trial.documents[0].after->text, "handled");
  EXPECT_EQ(trial.documents[0].after->count, 2);

  const auto edited = from_json<Trial>(post(path, R"({"fields":{"key":"b","number":"5"}})").body);
  EXPECT_EQ(edited.documents[0].id, "b");
  EXPECT_FALSE(edited.documents[0].before);
  const auto unreadable = from_json<Trial>(post(path, R"({"fields":{"key":"b"}})").body);
  EXPECT_EQ(unreadable.outcome, "error");
  EXPECT_NE(unreadable.error->find("number"), std::string::npos) << *unreadable.error;

  EXPECT_EQ(letters().size(), 1u) << "it is still there";
  EXPECT_EQ(effects, 0);
  EXPECT_TRUE(app->entries("reminder").empty());
}

TEST_F(AdminLetters, TriedEndWhereTheHandlerWaitsToBeDurable) {
  bury("durable", 1);
  mended = true;
  const auto trial = from_json<Trial>(post(LETTERS + "/" + letters()[0].id + "/try").body);
  EXPECT_EQ(trial.outcome, "ok");
  EXPECT_TRUE(trial.stopped_at_durable);
  EXPECT_EQ(trial.documents.size(), 1u);
  EXPECT_EQ(effects, 0);
}

TEST_F(AdminLetters, OfOneErrorAreRedrivenAtOnce) {
  bury("a", 20);
  bury("b", 5);
  mended = true;
  const auto reply = post(LETTERS + "/redrive", R"({"error":"a number … is not wanted"})");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_NE(reply.body.find("event: progress"), std::string::npos) << reply.body;
  EXPECT_NE(reply.body.find("event: end\ndata: {\"done\":20,\"of\":20,\"failed\":0}"), std::string::npos) << reply.body;
  app->wait_until([&] { return seen.of("a").size() == 20; });
  EXPECT_EQ(letters().size(), 5u);
  const auto rest = post(LETTERS + "/redrive", R"({"limit":2,"rate_per_s":1000})");
  EXPECT_NE(rest.body.find("{\"done\":2,\"of\":2,\"failed\":0}"), std::string::npos) << rest.body;
  app->wait_until([&] { return seen.of("b").size() == 2; });
  EXPECT_EQ(letters().size(), 3u);
  EXPECT_EQ(post(LETTERS + "/redrive", R"({"rate_per_s":0})").status, 422);
}

// What is redriven and fails again must not be redriven for ever.
TEST_F(AdminLetters, ThatFailAgainAreRedrivenOnce) {
  bury("a", 10);
  const auto reply = post(LETTERS + "/redrive");
  EXPECT_NE(reply.body.find("{\"done\":10,\"of\":10,\"failed\":0}"), std::string::npos) << reply.body;
  app->wait_until([&] { return letters().size() == 10; });
}

TEST_F(AdminLetters, AreDiscardedWithAReason) {
  bury("a", 4);
  const auto first = LETTERS + "/" + letters()[0].id;
  EXPECT_EQ(app->request("DELETE", first, R"({"reason":"a test"})", {{"Content-Type", "application/json"}}).status,
            204);
  EXPECT_EQ(app->request("DELETE", first).status, 404);
  EXPECT_EQ(app->request("GET", first).status, 404);
  const auto reply = post(LETTERS + "/discard", R"({"reason":"a test"})");
  EXPECT_NE(reply.body.find("{\"done\":3,\"of\":3,\"failed\":0}"), std::string::npos) << reply.body;
  EXPECT_TRUE(letters().empty());
  EXPECT_TRUE(groups().empty());
  EXPECT_TRUE(seen.of("a").empty());
}

// A client that goes ends what it has asked for: the rest stays as it is.
TEST_F(AdminLetters, AreLeftAloneWhenTheClientGoes) {
  bury("a", 5);
  std::atomic<bool> ended{false};
  log::set_sink([&](std::string_view line) { ended = ended || line.find("were discarded") != line.npos; });
  {
    LoopbackClient client{app->port()};
    // The second one is due after 100 s.
    const std::string body = R"({"rate_per_s":0.01})";
    client.send("POST " + LETTERS + "/discard HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    std::string received;
    while (received.find("\"done\":1") == received.npos) {
      const auto some = client.receive();
      ASSERT_FALSE(some.empty()) << received;
      received += some;
    }
  }
  app->wait_until([&] { return ended.load(); });
  log::set_sink({});
  EXPECT_EQ(letters("?limit=500").size(), 4u);
}

TEST_F(AdminLetters, OfAGroupThatNobodyReadsAnyMoreAreThere) {
  bury("a", 2);
  app->stop();
  Service other = make_notes();
  app->serve({&other});
  app->start();
  const auto all = groups();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].group, "notes");
  EXPECT_EQ(letters().size(), 2u);
  const auto one = LETTERS + "/" + letters()[0].id;
  EXPECT_EQ(post(one + "/try").status, 409);
  EXPECT_EQ(post(one + "/redrive").status, 200);
  EXPECT_EQ(app->request("DELETE", LETTERS + "/" + letters()[0].id).status, 204);
  app->stop();
  mended = true;
  app->serve({&service});
  app->start();
  app->wait_until([&] { return seen.of("a").size() == 1; });
}

}  // namespace
}  // namespace tidemark::kit
