// The admin API as a running process serves it.
#include <gtest/gtest.h>

#include "json/json.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

std::map<std::string, Json> members_of(const testing::Reply& reply) {
  EXPECT_EQ(reply.status, 200) << reply.body;
  return json::from_json<std::map<std::string, Json>>(reply.body).or_raise();
}

TEST(AdminServing, ShowsAllServicesOfTheProcessOnEachOfTheirPorts) {
  Service notes = make_notes();
  notes.on<Noted>("noted", [](Transaction&, const Noted&) {});
  Service readers{"readers"};
  readers.on<Noted>("noted", [](Transaction&, const Noted&) {}).group("readers");
  TroubledApplication app{{&notes, &readers}};
  for (const auto* service : {"notes", "readers"}) {
    const auto ask = [&](const char* path) { return LoopbackClient::request(app.port(service), "GET", path); };
    const auto system = members_of(ask("/admin/v1/system"));
    EXPECT_NE(system.at("services").text.find(R"("name":"notes")"), std::string::npos) << service;
    EXPECT_NE(system.at("services").text.find(R"("name":"readers")"), std::string::npos) << service;
    const auto handlers = members_of(ask("/admin/v1/handlers")).at("items").text;
    EXPECT_NE(handlers.find(R"("group":"notes")"), std::string::npos) << handlers;
    EXPECT_NE(handlers.find(R"("group":"readers")"), std::string::npos) << handlers;
    EXPECT_EQ(ask("/admin/v1/nothing").status, 404);
  }
}

TEST(AdminServing, KeepsItsPathsFromServices) {
  Service service = make_notes();
  service.get("/admin/v1/mine", [](Transaction&) { return Note{}; });
  try {
    TroubledApplication app{{&service}};
    FAIL() << "the endpoint could never be reached";
  } catch (const Error& error) {
    EXPECT_NE(std::string{error.what()}.find("/admin/v1/mine"), std::string::npos) << error.what();
  }
}

TEST(AdminServing, StreamsEntriesAsTheyCome) {
  Service service = make_notes();
  TroubledApplication app{{&service}};
  app.append("noted", {{"key", "before"}, {"number", "0"}});
  LoopbackClient client{app.port()};
  client.send("GET /admin/v1/topics/noted/tail HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::string received;
  const auto wait_for = [&](std::string_view text) {
    while (received.find(text) == std::string::npos) {
      const auto more = client.receive();
      ASSERT_FALSE(more.empty()) << "the stream has ended: " << received;
      received += more;
    }
  };
  wait_for(": connected");
  ASSERT_EQ(app.publish("after", 1).status, 204);
  wait_for(R"("key":"after")");
  EXPECT_NE(received.find("event: entry"), std::string::npos) << received;
  EXPECT_EQ(received.find("before"), std::string::npos) << received;
}

TEST(AdminServing, RemembersWhatChangedADocument) {
  Service service = make_notes();
  service.post("/notes", [](Transaction& tx, const Note& note) { return tx.put(note), note; });
  TroubledApplication app{{&service}};
  for (const int count : {1, 2}) ASSERT_EQ(app.request("POST", "/notes", to_json(Note{"a", "x", count})).status, 201);
  const auto document = members_of(app.request("GET", "/admin/v1/collections/notes.note/documents/a"));
  EXPECT_EQ(document.at("document").text, R"({"id":"a","text":"x","count":2})");
  const auto history =
      json::from_json<std::vector<std::map<std::string, Json>>>(document.at("history").text).or_raise();
  ASSERT_EQ(history.size(), 2u) << document.at("history").text;
  EXPECT_EQ(history[0].at("before").text, R"({"id":"a","text":"x","count":1})");
  EXPECT_EQ(history[0].at("after").text, R"({"id":"a","text":"x","count":2})");
  EXPECT_EQ(history[0].at("by").text, R"("notes: POST /notes")");
  EXPECT_FALSE(history[1].contains("before"));
}

}  // namespace
}  // namespace tidemark::kit
