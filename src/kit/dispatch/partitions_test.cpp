// A service of several partitions in one process: what its handlers, endpoints and lists see.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "kit/testing/test_service.hpp"
#include "model/partition.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t PARTITIONS = 4;

struct Text {
  std::string text;
  int count = 0;
};
BOOST_DESCRIBE_STRUCT(Text, (), (text, count))

struct NotePage {
  std::vector<Note> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(NotePage, (), (items, next))

Note add_note(Transaction& tx, const Text& text) {
  Note note{tx.new_id(), text.text, text.count};
  tx.put(note);
  return note;
}

struct Notes : ::testing::Test {
  Notes() {
    service.collection<Note>("notes").index(&Note::count);
    service.post("/notes", add_note);
    service.get("/notes", [](Transaction& tx, const Request& request) {
      auto notes = tx.documents<Note>();
      if (request.query("by") == "count") notes.order_by(&Note::count);
      if (request.query("descending")) notes.descending();
      return notes.page_of(request).page();
    });
    service.get("/notes/{id}",
                [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
    service.put("/notes/{id}", [](Transaction& tx, const Request& request, const Text& text) {
      const Note note{request.path_parameter("id"), text.text, text.count};
      tx.put(note);
      return note;
    });
  }

  void start() { app.emplace(std::vector<const Service*>{&service}, 10s, PARTITIONS); }
  Note add(const std::string& text, int count) {
    return from_json<Note>(app->request("POST", "/notes", to_json(Text{text, count})).body);
  }
  // The ids of a list, in pages of so many.
  std::vector<std::string> list(const std::string& query, int limit) {
    std::vector<std::string> ids;
    std::string after;
    for (;;) {
      const auto page = from_json<NotePage>(app->request("GET", "/notes?limit=" + std::to_string(limit) + query +
                                                                    (after.empty() ? "" : "&after=" + after))
                                                .body);
      for (const auto& note : page.items) ids.push_back(note.id);
      if (!page.next) return ids;
      EXPECT_EQ(page.items.size(), static_cast<std::size_t>(limit)) << "a page is short, and not the last one";
      after = *page.next;
    }
  }

  Service service = make_notes();
  std::optional<TroubledApplication> app;
};

TEST_F(Notes, GiveDocumentsIdsUnderWhichTheyAreFound) {
  start();
  std::set<std::uint16_t> used;
  for (int i = 0; i < 40; ++i) {
    const auto note = add("n", i);
    used.insert(model::partition_of(note.id, PARTITIONS));
    const auto found = app->request("GET", "/notes/" + note.id);
    ASSERT_EQ(found.status, 200);
    EXPECT_EQ(from_json<Note>(found.body).count, i);
  }
  EXPECT_EQ(used.size(), PARTITIONS) << "they are all in the same partition (once in 4^39 by chance)";
}

TEST_F(Notes, AreFoundUnderIdsThatTheirPathGives) {
  start();
  for (int i = 0; i < 20; ++i)
    ASSERT_EQ(app->request("PUT", "/notes/mine-" + std::to_string(i), to_json(Text{"n", i})).status, 200);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(app->request("GET", "/notes/mine-" + std::to_string(i)).status, 200);
  EXPECT_EQ(list("", 7).size(), 20u);
}

TEST_F(Notes, AreListedInOrderAndOnceWhateverThePage) {
  start();
  std::vector<Note> notes;
  for (int i = 0; i < 50; ++i) notes.push_back(add("n", i % 7));
  const auto sorted = [&](const auto& less) {
    std::ranges::sort(notes, less);
    std::vector<std::string> ids;
    for (const auto& note : notes) ids.push_back(note.id);
    return ids;
  };
  const auto by_id = sorted([](const Note& a, const Note& b) { return a.id < b.id; });
  const auto by_count =
      sorted([](const Note& a, const Note& b) { return std::tie(a.count, a.id) < std::tie(b.count, b.id); });
  const auto reversed = [](std::vector<std::string> ids) {
    std::ranges::reverse(ids);
    return ids;
  };
  for (const int limit : {1, 3, 7, 49, 50, 1000}) {
    SCOPED_TRACE(limit);
    EXPECT_EQ(list("", limit), by_id);
    EXPECT_EQ(list("&descending=1", limit), reversed(by_id));
    EXPECT_EQ(list("&by=count", limit), by_count);
    EXPECT_EQ(list("&by=count&descending=1", limit), reversed(by_count));
  }
}

TEST_F(Notes, AreListedOnceAlsoWhenOthersComeAndGoMeanwhile) {
  start();
  std::vector<std::string> stay;
  for (int i = 0; i < 30; ++i) stay.push_back("m" + std::to_string(100 + 2 * i));
  const auto put = [&](const std::string& id) { app->request("PUT", "/notes/" + id, to_json(Text{"n", 0})); };
  for (const auto& id : stay) put(id);
  std::multiset<std::string> seen;
  std::string after;
  for (int page = 0;; ++page) {
    put("m" + std::to_string(101 + 2 * page));
    const auto read =
        from_json<NotePage>(app->request("GET", "/notes?limit=4" + (after.empty() ? "" : "&after=" + after)).body);
    for (const auto& note : read.items) seen.insert(note.id);
    if (!read.next) break;
    after = *read.next;
  }
  for (const auto& id : stay) EXPECT_EQ(seen.count(id), 1u) << id;
}

TEST_F(Notes, RepeatARequestWithAKeyIntoTheSamePartition) {
  start();
  for (int i = 0; i < 10; ++i) {
    const LoopbackClient::Headers key{{"Idempotency-Key", std::to_string(i)}};
    const auto first = app->request("POST", "/notes", to_json(Text{"n", i}), key);
    const auto again = app->request("POST", "/notes", to_json(Text{"n", i}), key);
    EXPECT_EQ(first.body, again.body);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  }
  EXPECT_EQ(list("", 100).size(), 10u);
}

TEST_F(Notes, AreNotChangedWhereThePartitionIsNotKnown) {
  service.get("/touch", [](Transaction& tx) { tx.publish(Noted{"a", 1}); });
  service.post("/lost", [](Transaction& tx) {
    for (int i = 0; i < 50; ++i) tx.put(Note{"lost-" + std::to_string(i), {}, 0});
  });
  service.get("/keyed",
              [](Transaction& tx, const Request& request) {
                tx.put(Note{*request.query("id"), {}, 0});
              })
      .key("id");
  start();
  EXPECT_EQ(app->request("GET", "/touch").status, 500);
  EXPECT_EQ(app->request("POST", "/lost").status, 500);
  EXPECT_TRUE(list("", 100).empty());
  EXPECT_EQ(app->request("GET", "/keyed").status, 422);
  for (const auto* id : {"a", "b", "c", "d", "e"}) {
    EXPECT_EQ(app->request("GET", std::string{"/keyed?id="} + id).status, 204);
    EXPECT_EQ(app->request("GET", std::string{"/notes/"} + id).status, 200);
  }
}

TEST_F(Notes, HaveTheirEventsHandledOnceAndInTheOrderOfTheirKeys) {
  Seen seen;
  service.on<Noted>("noted", [&](Transaction& tx, const Noted& event) {
    tx.after_durable([&seen, event] { seen.add(event.key, event.number); });
  });
  start();
  for (int key = 0; key < 20; ++key) ASSERT_EQ(app->publish(std::to_string(key), 25).status, 204);
  const auto last = [&] {
    app->wait_until([&] {
      for (int key = 0; key < 20; ++key)
        if (seen.of(std::to_string(key)).size() < 25) return false;
      return true;
    });
  };
  last();
  app->restart();
  ASSERT_EQ(app->publish("again", 3).status, 204);
  app->wait_until([&] { return seen.of("again").size() >= 3; });
  app->stop();
  for (int key = 0; key < 20; ++key) EXPECT_EQ(seen.of(std::to_string(key)), first_numbers(25));
  EXPECT_EQ(seen.of("again"), first_numbers(3));
  app->start();
  app.reset();
}

TEST_F(Notes, AreCopiedToEveryPartitionWhereAHandlerSaysSo) {
  std::atomic<int> runs{0};
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted& event) {
                   tx.put(Note{event.key, "copy", event.number});
                   tx.after_durable([&] { ++runs; });
                 })
      .every_partition();
  service.post("/has", [](Transaction& tx, const Text& text) {
    if (!tx.find<Note>(text.text)) throw NotFound{"no copy here"};
  });
  start();
  ASSERT_EQ(app->publish("a", 1).status, 204);
  app->wait_until([&] { return runs == PARTITIONS; });
  for (int i = 0; i < 30; ++i) EXPECT_EQ(app->request("POST", "/has", to_json(Text{"a", 0})).status, 204);
  app.reset();
}

TEST_F(Notes, BuryWhatFailsAndRedriveItToItsPartition) {
  std::atomic<bool> mended{false};
  Seen seen;
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted& event) {
                   if (!mended) throw std::runtime_error{"not yet"};
                   tx.after_durable([&seen, event] { seen.add(event.key, event.number); });
                 })
      .retry(QUICKLY);
  std::atomic<int> copies{0};
  service
      .on<Noted>("noted",
                 [&](Transaction& tx, const Noted&) {
                   if (!mended) throw std::runtime_error{"not yet"};
                   tx.after_durable([&] { ++copies; });
                 })
      .group("copies")
      .every_partition()
      .retry(QUICKLY);
  start();
  for (int key = 0; key < 8; ++key) ASSERT_EQ(app->publish(std::to_string(key), 1).status, 204);
  app->wait_until(
      [&] { return app->dead_letters().size() == 8 && app->dead_letters("noted", "copies").size() == 8 * PARTITIONS; });
  mended = true;
  for (const auto* group : {"notes", "copies"})
    for (const auto& letter : app->dead_letters("noted", group))
      EXPECT_EQ(app->request("POST",
                             "/admin/v1/dead-letters/noted/" + std::string{group} + "/" + letter.id.text() + "/redrive")
                    .status,
                200);
  for (int key = 0; key < 8; ++key) app->wait_until([&] { return seen.of(std::to_string(key)) == std::vector{0}; });
  app->wait_until([&] { return copies == 8 * PARTITIONS; });
  EXPECT_TRUE(app->dead_letters().empty());
  app.reset();
}

TEST_F(Notes, AreWrittenByTimersOfEachPartition) {
  Seen seen;
  service.post("/later", [](Transaction& tx, const Text& text) { tx.publish_after(1ms, Noted{text.text, 1}); });
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); });
  start();
  for (int i = 0; i < 12; ++i)
    ASSERT_EQ(app->request("POST", "/later", to_json(Text{std::to_string(i), 0})).status, 204);
  for (int i = 0; i < 12; ++i) app->wait_until([&] { return !seen.of(std::to_string(i)).empty(); });
  app.reset();
}

TEST_F(Notes, ShowOperatorsWhatWaitsInAllPartitionsTogether) {
  std::atomic<bool> open{false};
  service.on<Noted>("noted", [&](Transaction&, const Noted&) {
    while (!open) this_fiber::sleep_for(1ms);
  });
  start();
  for (int key = 0; key < 10; ++key) ASSERT_EQ(app->publish(std::to_string(key), 1).status, 204);
  const auto shown = [&] { return app->request("GET", "/admin/v1/handlers").body; };
  app->wait_until([&] { return shown().find(R"("lag":0,"pending":10,)") != std::string::npos; });
  EXPECT_NE(shown().find(R"("partitions":[{"service":"notes","count":4,"held":[0,1,2,3]}])"), std::string::npos)
      << shown();
  EXPECT_NE(app->request("GET", "/metrics").body.find("tidemark_partitions_held{service=\"notes\"} 4"),
            std::string::npos);
  open = true;
  app.reset();
}

TEST_F(Notes, BeginWithTheNextEventWhereTheirHandlerIsToSeeNoOlderOnes) {
  start();
  for (int key = 0; key < 5; ++key) ASSERT_EQ(app->publish(std::to_string(key), 2).status, 204);
  app->stop();
  Seen seen;
  service.on<Noted>("noted", [&](Transaction&, const Noted& event) { seen.add(event.key, event.number); })
      .from_now_on();
  app->start();
  for (int key = 0; key < 5; ++key) ASSERT_EQ(app->publish(std::to_string(key), 1).status, 204);
  for (int key = 0; key < 5; ++key) app->wait_until([&] { return !seen.of(std::to_string(key)).empty(); });
  app->stop();
  for (int key = 0; key < 5; ++key) EXPECT_EQ(seen.of(std::to_string(key)), std::vector{0});
  app->start();
  app.reset();
}

// As on a cluster, where nothing that one commit needs may stand apart from its partition.
TEST(Distributed, HandlersReadBuryAndRedriveInTheirPartitionAlone) {
  for (const std::uint16_t partitions : {1, 3}) {
    SCOPED_TRACE(partitions);
    Service service = make_notes();
    std::atomic<bool> mended{false};
    Seen seen;
    service
        .on<Noted>("noted",
                   [&](Transaction& tx, const Noted& event) {
                     if (!mended) throw std::runtime_error{"not yet"};
                     tx.after_durable([&seen, event] { seen.add(event.key, event.number); });
                   })
        .retry(QUICKLY);
    TroubledApplication app{{&service}, 10s, partitions, true};
    for (int key = 0; key < 9; ++key) ASSERT_EQ(app.publish(std::to_string(key), 1).status, 204);
    app.wait_until([&] { return app.dead_letters().size() == 9; });
    EXPECT_TRUE(app.entries("noted.notes.dead").empty());
    EXPECT_FALSE(app.entries("{notes:0}noted.notes.dead").empty());
    mended = true;

    std::set<std::string> names;
    const std::string path = "/admin/v1/dead-letters/noted/notes";
    std::string after;
    for (int i = 0; i < 9; ++i) {
      const auto page = app.request("GET", path + "?limit=1" + after).body;
      const auto at = page.find("\"next\":\"");
      ASSERT_NE(at, std::string::npos) << page;
      const auto name = page.substr(at + 8, page.find('"', at + 8) - at - 8);
      names.insert(name);
      after = "&after=" + name;
    }
    EXPECT_EQ(names.size(), 9u) << "pages show a letter twice";
    for (const auto& name : names) EXPECT_EQ(app.request("POST", path + "/" + name + "/redrive").status, 200) << name;
    EXPECT_EQ(app.request("POST", path + "/" + *names.begin() + "/redrive").status, 404);
    EXPECT_EQ(app.request("GET", path + "/1-1@1000").status, 404);
    for (int key = 0; key < 9; ++key) app.wait_until([&] { return seen.of(std::to_string(key)) == std::vector{0}; });
    EXPECT_TRUE(app.dead_letters().empty());
  }
}

// Two processes in one: each with threads, ports and leases of its own, on one store.
class TwoProcesses : public ::testing::Test {
 protected:
  TwoProcesses() {
    service_.post("/note", [](Transaction& tx, const Noted& event) { tx.publish(event); }).status(204);
    service_
        .on<Noted>("noted",
                   [](Transaction& tx, const Noted& event) {
                     auto note = tx.find<Note>(event.key).value_or(Note{event.key, {}, 0});
                     if (note.count != event.number) throw std::logic_error{"out of order, or twice"};
                     ++note.count;
                     tx.put(note);
                   })
        .retry({.attempts = 1});
    service_.get("/notes/{id}",
                 [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
    if (!::mkdtemp(folder_.data())) throw Error{ErrorCode::io, "can't make a temporary folder: " + folder_};
    store_ = open_store("embedded:" + folder_).or_raise();
  }
  ~TwoProcesses() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<Application> start() {
    Settings settings;
    settings.ports["notes"] = 0;
    settings.partitions = PARTITIONS;
    settings.threads = 2;
    auto process = std::make_unique<Application>(std::make_unique<DelegatingStore>(store_), settings,
                                                 std::vector<const detail::ServiceSpec*>{&service_.spec()});
    process->start().or_raise();
    return process;
  }
  static testing::Reply ask(const Application& process, std::string_view method, const std::string& path,
                            const std::string& body = {}) {
    return LoopbackClient::request(process.port("notes"), method, path, body, {});
  }
  // The next event of each key.
  void publish(const Application& process) {
    for (int key = 0; key < KEYS; ++key)
      EXPECT_EQ(ask(process, "POST", "/note", to_json(Noted{std::to_string(key), published_})).status, 204);
    ++published_;
  }
  static std::size_t held_by(const Application& process) {
    const auto page = ask(process, "GET", "/admin/v1/handlers").body;
    const auto begin = page.find("\"held\":[") + 8;
    const auto list = page.substr(begin, page.find(']', begin) - begin);
    return static_cast<std::size_t>(std::ranges::count_if(list, [](char c) { return c >= '0' && c <= '9'; }));
  }
  template <class Condition>
  static void wait_until(const Condition& holds) {
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) throw TimedOut{"what the test waits for did not come about"};
      std::this_thread::sleep_for(5ms);
    }
  }
  bool all_handled(const Application& process) const {
    for (int key = 0; key < KEYS; ++key) {
      const auto note = ask(process, "GET", "/notes/" + std::to_string(key));
      if (note.status != 200 || from_json<Note>(note.body).count != published_) return false;
    }
    return true;
  }

  static constexpr int KEYS = 8;
  Service service_{"notes"};
  std::string folder_ = (std::filesystem::temp_directory_path() / "tidemark-two-XXXXXX").string();
  std::shared_ptr<store::Store> store_;
  int published_ = 0;
};

TEST_F(TwoProcesses, ShareTheWorkWhileOneComesAndGoes) {
  const auto first = start();
  EXPECT_EQ(held_by(*first), PARTITIONS);
  publish(*first);
  auto second = start();
  wait_until([&] {
    publish(*first);
    return held_by(*second) == PARTITIONS / 2 && held_by(*first) == PARTITIONS / 2;
  });
  for (int i = 0; i < 20; ++i) publish(i % 2 == 0 ? *first : *second);
  wait_until([&] { return all_handled(*first) && all_handled(*second); });
  publish(*second);
  EXPECT_TRUE(second->stop());
  second.reset();
  wait_until([&] {
    publish(*first);
    return held_by(*first) == PARTITIONS;
  });
  wait_until([&] { return all_handled(*first); });
}

TEST(Partitions, StayAsManyAsTheyWere) {
  Service service = make_notes();
  const auto folder = (std::filesystem::temp_directory_path() / "tidemark-count-XXXXXX").string();
  std::string path = folder;
  ASSERT_TRUE(::mkdtemp(path.data()));
  for (const std::uint16_t partitions : {4, 4, 2}) {
    Settings settings;
    settings.ports["notes"] = 0;
    settings.partitions = partitions;
    Application application{open_store("embedded:" + path).or_raise(), settings, {&service.spec()}};
    const auto started = application.start();
    EXPECT_EQ(started.has_value(), partitions == 4);
    if (!started) {
      EXPECT_EQ(started.error().code, ErrorCode::invalid);
      EXPECT_NE(started.error().text().find("4"), std::string::npos) << started.error().text();
    }
  }
  std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace tidemark::kit
