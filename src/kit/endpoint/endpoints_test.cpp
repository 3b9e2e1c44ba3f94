// Endpoints as services' authors write them, over real sockets: bodies, conditions, lists, and what goes wrong.
#include <gtest/gtest.h>

#include <atomic>

#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

TEST(Endpoints, RunAgainWhenSomebodyWasFaster) {
  Service service{"notes"};
  service.post("/count", [](Transaction& tx, const Batch& batch) {
    auto note = tx.find<Note>(batch.key).value_or(Note{.id = batch.key});
    ++note.count;
    tx.put(note);
    return note;
  });
  service.get("/notes/{id}",
              [](Transaction& tx, const Request& request) { return tx.get<Note>(request.path_parameter("id")); });
  TroubledApplication app{{&service}};
  constexpr int THREADS = 4, EACH = 50;
  std::vector<std::thread> threads;
  std::atomic<int> created{0};
  for (int i = 0; i < THREADS; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < EACH; ++j)
        if (app.request("POST", "/count", to_json(Batch{"a", 0})).status == 201) ++created;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(created, THREADS * EACH);
  EXPECT_NE(app.request("GET", "/notes/a").body.find("\"count\":200"), std::string::npos);
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
  TroubledApplication app{{&service}};
  for (int i = 0; i < 5; ++i) {
    const Note note{std::to_string(i), "text " + std::to_string(i), i};
    ASSERT_EQ(app.request("POST", "/notes", to_json(note)).status, 201);
  }
  const auto clash = app.request("POST", "/notes", to_json(Note{"other", "text 3", 9}));
  EXPECT_EQ(clash.status, 409) << clash.body;
  EXPECT_EQ(app.request("GET", "/counted").body,
            R"({"items":[{"id":"2","text":"text 2","count":2},{"id":"3","text":"text 3","count":3}],"next":null})");
}

TEST(Endpoints, DescribeThemselves) {
  Service service{"notes"};
  service
      .post("/notes",
            [](Transaction& tx, const Note& note) {
              tx.put(note);
              return note;
            })
      .summary("A new note");
  TroubledApplication app{{&service}};
  const auto openapi = app.request("GET", "/openapi.json");
  EXPECT_EQ(openapi.status, 200);
  for (const auto* part : {"\"/notes\"", "A new note", "#/components/schemas/Note"})
    EXPECT_NE(openapi.body.find(part), std::string::npos) << part;
  EXPECT_EQ(app.request("GET", "/docs").status, 200);
  EXPECT_EQ(app.request("GET", "/health/live").status, 200);
  EXPECT_EQ(app.request("GET", "/health/ready").status, 200);
  EXPECT_NE(app.request("GET", "/metrics").body.find("tidemark_"), std::string::npos);
}

TEST(Endpoints, ReadBodiesThatAreJsonAndSayWhatElseIsWrong) {
  Service service{"notes"};
  service.post("/notes", [](Transaction& tx, const Note& note) {
    tx.put(note);
    return note;
  });
  TroubledApplication app{{&service}};
  const std::string good = to_json(Note{"a", "text", 1});
  struct Case {
    std::string body;
    const char* content_type;
    int status;
    const char* code;
    const char* detail;
  };
  for (const auto& [body, content_type, status, code, detail] : {
           Case{good, "application/json", 201, "", ""},
           Case{good, "Application/JSON; charset=utf-8", 201, "", ""},
           Case{good, "application/merge-patch+json", 201, "", ""},
           Case{good, "application/x-www-form-urlencoded", 415, "unsupported_media_type", "application/json"},
           Case{good, "application/jsonp", 415, "unsupported_media_type", "application/jsonp"},
           Case{good, "text/plain; format=+json", 415, "unsupported_media_type", "text/plain"},
           Case{"", "application/json", 400, "malformed", ""},
           Case{"{\"id\":", "application/json", 400, "malformed", ""},
           Case{R"({"id":"a","text":"b","count":1,"colour":"red"})", "application/json", 422, "invalid", "colour"},
           Case{R"({"id":"a","text":"b"})", "application/json", 422, "invalid", "count"},
           Case{R"({"id":"a","text":"b","count":1.5})", "application/json", 422, "invalid", "count: "},
           Case{R"([])", "application/json", 422, "invalid", ""},
           Case{R"({"id":"","text":"b","count":1})", "application/json", 422, "invalid", "id"},
       }) {
    const auto reply = app.request("POST", "/notes", body, {{"Content-Type", content_type}});
    EXPECT_EQ(reply.status, status) << body << ' ' << content_type << '\n' << reply.body;
    EXPECT_NE(reply.body.find(detail), std::string::npos) << reply.body;
    if (status < 400) continue;
    EXPECT_EQ(reply.header("Content-Type").substr(0, 24), "application/problem+json");
    EXPECT_NE(reply.body.find("\"code\":\"" + std::string{code} + '"'), std::string::npos) << reply.body;
  }
  const auto coded = app.request("POST", "/notes", good, {{"Content-Encoding", "gzip"}});
  EXPECT_EQ(coded.status, 415) << "a body in a coding that nobody undoes was read as it is";
  EXPECT_NE(coded.body.find("Content-Encoding: "), std::string::npos) << coded.body;
  EXPECT_EQ(app.request("POST", "/notes", good, {{"Content-Encoding", "Identity"}}).status, 201);
}

TEST(Endpoints, TakeABodyOrNoneWhereItIsOptional) {
  Service service{"notes"};
  service.post("/notes", [](Transaction&, const std::optional<Note>& note) {
    return note.value_or(Note{"none", "made up", 0});
  });
  TroubledApplication app{{&service}};
  EXPECT_NE(app.request("POST", "/notes").body.find("made up"), std::string::npos);
  EXPECT_EQ(app.request("POST", "/notes", to_json(Note{"a", "b", 1})).body, to_json(Note{"a", "b", 1}));
  EXPECT_EQ(app.request("POST", "/notes", "null").status, 422) << "a body that is null is no absent one";
  EXPECT_EQ(app.request("POST", "/notes", "x").status, 400);
}

TEST(Endpoints, TellNobodyWhatHappenedInside) {
  Service service{"notes"};
  service.get("/runtime", [](Transaction&) { throw std::runtime_error{"the secret"}; });
  service.get("/int", [](Transaction&) { throw 42; });
  service.get("/corrupt", [](Transaction&) { throw Error{ErrorCode::corrupt, "the secret"}; });
  service.get("/unavailable", [](Transaction&) { throw Unavailable{"the printer is out of paper"}; });
  TroubledApplication app{{&service}};
  for (const auto* path : {"/runtime", "/int", "/corrupt"}) {
    const auto reply = app.request("GET", path);
    EXPECT_EQ(reply.status, 500) << path;
    EXPECT_EQ(reply.body.find("secret"), std::string::npos) << reply.body;
  }
  const auto unavailable = app.request("GET", "/unavailable");
  EXPECT_EQ(unavailable.status, 503);
  EXPECT_FALSE(unavailable.header("Retry-After").empty());
}

TEST(Endpoints, AnswerAtTheirDeadlineAndCommitNothingAfterIt) {
  Service service{"notes"};
  service
      .post("/slow",
            [](Transaction& tx, const Note& note) {
              tx.put(note);
              this_fiber::sleep_for(std::chrono::hours{1});
              return note;
            })
      .deadline(20ms);
  service
      .post("/stubborn",
            [](Transaction& tx, const Note& note) {
              try {
                this_fiber::sleep_for(std::chrono::hours{1});
              } catch (const std::exception&) {
              }
              tx.put(note);
              return note;
            })
      .deadline(20ms);
  service.get("/notes/{id}",
              [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
  TroubledApplication app{{&service}};
  for (const auto* path : {"/slow", "/stubborn"}) {
    const auto reply = app.request("POST", path, to_json(Note{"a", "b", 1}));
    EXPECT_EQ(reply.status, 504) << path;
    EXPECT_NE(reply.body.find("20 ms"), std::string::npos) << reply.body;
    EXPECT_EQ(reply.body.find("fiber"), std::string::npos) << reply.body;
  }
  EXPECT_EQ(app.request("GET", "/notes/a").status, 404);
}

TEST(Endpoints, KeepConditionsOverEntityTags) {
  Service service{"notes"};
  service.post("/notes", [](Transaction& tx, const Note& note) {
    tx.put(note);
    return note;
  });
  service.get("/notes/{id}",
              [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
  service.put("/notes/{id}", [](Transaction& tx, const Request& request, const Note& note) {
    request.require_match(tx.etag<Note>(request.path_parameter("id")));
    tx.put(note);
    return note;
  });
  TroubledApplication app{{&service}};
  const auto put = [&](int count, const std::string& match) {
    return app.request("PUT", "/notes/a", to_json(Note{"a", "b", count}), {{"If-Match", match}});
  };
  const auto created = app.request("POST", "/notes", to_json(Note{"a", "b", 1}));
  const auto first = created.header("ETag");
  EXPECT_EQ(created.header("Location"), "/notes/a");
  const auto odd = app.request("POST", "/notes", to_json(Note{"a b/c?", "b", 1}));
  EXPECT_EQ(odd.header("Location"), "/notes/a%20b%2Fc%3F");
  EXPECT_EQ(app.request("GET", odd.header("Location")).status, 200);
  EXPECT_EQ(app.request("PUT", "/notes/a", to_json(Note{"a", "b", 2})).status, 428);
  EXPECT_EQ(put(2, "W/" + first).status, 412) << "a weak tag matched";
  EXPECT_EQ(put(2, first.substr(1, first.size() - 2)).status, 412) << "a tag without its quotes matched";
  const auto changed = put(2, "\"x\", " + first);
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(put(3, first).status, 412);
  EXPECT_EQ(put(3, "*").status, 200);
  EXPECT_EQ(app.request("PUT", "/notes/b", to_json(Note{"b", "b", 1}), {{"If-Match", "*"}}).status, 404);

  const auto read = app.request("GET", "/notes/a");
  const auto current = read.header("ETag");
  EXPECT_NE(current, changed.header("ETag"));
  for (const auto& known : {current, "W/" + current, "\"x\", " + current, std::string{"*"}}) {
    const auto same = app.request("GET", "/notes/a", {}, {{"If-None-Match", known}});
    EXPECT_EQ(same.status, 304) << known;
    EXPECT_TRUE(same.body.empty());
    EXPECT_EQ(same.header("ETag"), current);
  }
  EXPECT_EQ(app.request("GET", "/notes/a", {}, {{"If-None-Match", first}}).status, 200);
  EXPECT_EQ(app.request("HEAD", "/notes/a").header("ETag"), current);
  app.restart();
  EXPECT_EQ(app.request("GET", "/notes/a").header("ETag"), current);
}

// A view of a document is of another type: it has no entity tag, and makes no collection.
struct NoteView {
  std::string id;
  std::string title;
};
BOOST_DESCRIBE_STRUCT(NoteView, (), (id, title))

struct Comment {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(Comment, (), (id))

TEST(Endpoints, GiveTheEntityTagOfTheDocumentThatTheyAnswerWith) {
  Service service{"notes"};
  service.post("/notes/{id}", [](Transaction& tx, const Request& request) {
    const auto& id = request.path_parameter("id");
    tx.put(Comment{id});
    tx.put(Note{id, "text", 1});
  });
  service.get("/notes/{id}", [](Transaction& tx, const Request& request) {
    tx.get<Comment>(request.path_parameter("id"));
    return tx.get<Note>(request.path_parameter("id"));
  });
  service.get("/views/{id}", [](Transaction& tx, const Request& request) {
    const auto note = tx.get<Note>(request.path_parameter("id"));
    return NoteView{note.id, note.text};
  });
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.request("POST", "/notes/a").status, 204);
  EXPECT_FALSE(app.request("GET", "/notes/a").header("ETag").empty()) << "another document of that id hid it";
  EXPECT_TRUE(app.request("GET", "/views/a").header("ETag").empty());
}

struct NotePage {
  std::vector<Note> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(NotePage, (), (items, next))

TEST(Endpoints, ListByPages) {
  Service service{"notes"};
  service.collection<Note>("notes").index(&Note::count);
  service.post("/notes", [](Transaction& tx, const Note& note) {
    tx.put(note);
    return note;
  });
  service.get("/notes",
              [](Transaction& tx, const Request& request) { return tx.documents<Note>().page_of(request).page(); });
  service.get("/counted", [](Transaction& tx, const Request& request) {
    return tx.documents<Note>().order_by(&Note::count).page_of(request).page();
  });
  TroubledApplication app{{&service}};
  EXPECT_EQ(app.request("GET", "/notes").body, R"({"items":[],"next":null})");
  for (int i = 0; i < 7; ++i)
    ASSERT_EQ(app.request("POST", "/notes", to_json(Note{std::to_string(i), {}, 9 - i})).status, 201);
  std::vector<std::string> ids;
  std::string after;
  for (;;) {
    const auto page = from_json<NotePage>(app.request("GET", "/notes?limit=3" + after).body);
    for (const auto& note : page.items) ids.push_back(note.id);
    if (!page.next) break;
    after = "&after=" + *page.next;
    ASSERT_LT(ids.size(), 20u);
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6"}));
  for (const auto* query : {"limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "limit=3x", "after=nonsense"}) {
    const auto reply = app.request("GET", std::string{"/notes?"} + query);
    EXPECT_EQ(reply.status, 422) << query << '\n' << reply.body;
  }
  EXPECT_EQ(app.request("GET", "/counted?" + after.substr(1)).status, 422) << "a cursor of another list was taken";
}

// Both were version 1 of the same process, so an entity tag of the first note was taken for the second one's.
TEST(Endpoints, TellADocumentFromOneThatHadItsIdBefore) {
  Service service{"notes"};
  service.put("/notes/{id}", [](Transaction& tx, const Request& request, const Note& note) {
    const auto& id = request.path_parameter("id");
    if (tx.find<Note>(id)) request.require_match(tx.etag<Note>(id));
    tx.put(note);
    return note;
  });
  service.erase("/notes/{id}",
                [](Transaction& tx, const Request& request) { tx.erase<Note>(request.path_parameter("id")); });
  TroubledApplication app{{&service}};
  const auto note = to_json(Note{"a", "text", 1});
  const auto first = app.request("PUT", "/notes/a", note).header("ETag");
  ASSERT_EQ(app.request("DELETE", "/notes/a").status, 204);
  const auto second = app.request("PUT", "/notes/a", note).header("ETag");
  EXPECT_EQ(app.request("PUT", "/notes/a", note, {{"If-Match", first}}).status, 412) << first << ' ' << second;
  EXPECT_EQ(app.request("PUT", "/notes/a", note, {{"If-Match", second}}).status, 200);
}

// Each process counts its versions anew: one that is started again does all as the one before did.
TEST(Endpoints, TellADocumentFromOneThatAnotherProcessMadeInTheSameWay) {
  Service service{"notes"};
  service.put("/notes/{id}", [](Transaction& tx, const Request& request, const Note& note) {
    const auto& id = request.path_parameter("id");
    if (tx.find<Note>(id)) request.require_match(tx.etag<Note>(id));
    tx.put(note);
    return note;
  });
  service.erase("/notes/{id}",
                [](Transaction& tx, const Request& request) { tx.erase<Note>(request.path_parameter("id")); });
  TroubledApplication app{{&service}};
  const auto note = to_json(Note{"a", "text", 1});
  const auto lost = app.request("PUT", "/notes/a", note).header("ETag");
  ASSERT_EQ(app.request("DELETE", "/notes/a").status, 204);  // as a crash may take it, with its absence durable
  app.stop();
  app.start();
  const auto made = app.request("PUT", "/notes/a", note).header("ETag");
  EXPECT_EQ(made.substr(0, 3), lost.substr(0, 3)) << "the counter begins anew";
  EXPECT_EQ(app.request("PUT", "/notes/a", note, {{"If-Match", lost}}).status, 412) << lost << ' ' << made;
}

TEST(Endpoints, EraseWhatTheyMadeThemselves) {
  Service service{"notes"};
  service.post("/notes/{id}", [](Transaction& tx, const Request& request) {
    const auto& id = request.path_parameter("id");
    tx.put(Note{id, "text", 1});
    tx.erase<Note>(id);
    if (tx.find<Note>(id)) throw std::logic_error{"it is still there"};
  });
  service.get("/notes/{id}",
              [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
  TroubledApplication app{{&service}};
  EXPECT_EQ(app.request("POST", "/notes/a").status, 204);
  EXPECT_EQ(app.request("POST", "/notes/a").status, 204);
  EXPECT_EQ(app.request("GET", "/notes/a").status, 404);
}

}  // namespace
}  // namespace tidemark::kit
