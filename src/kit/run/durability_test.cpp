// Whatever an endpoint says waits until what it was made from is durable, a refusal too.
#include <gtest/gtest.h>

#include <future>

#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

class Answers : public ::testing::Test {
 protected:
  Answers() {
    service_.collection<Note>("notes").unique(&Note::text);
    service_.post("/notes", [](Transaction& tx, const Note& note) {
      tx.put(note);
      return note;
    });
    service_.erase("/notes/{id}",
                   [](Transaction& tx, const Request& request) { tx.erase<Note>(request.path_parameter("id")); });
    service_.get("/notes", [](Transaction& tx) { return tx.documents<Note>().page(); });
    service_.get("/notes/{id}",
                 [](Transaction& tx, const Request& request) { return tx.find<Note>(request.path_parameter("id")); });
    service_.get("/got/{id}",
                 [](Transaction& tx, const Request& request) { return tx.get<Note>(request.path_parameter("id")); });
    service_.get("/two", [](Transaction& tx) {
      return Note{"", "", tx.find<Note>("a") && tx.find<Note>("b") ? 2 : 0};
    });
    service_.put("/notes/{id}", [](Transaction& tx, const Request& request, const Note& note) {
      request.require_match(tx.etag<Note>(request.path_parameter("id")));
      tx.put(note);
      return note;
    });
    service_.post("/refuse/{id}", [](Transaction& tx, const Request& request) {
      const auto note = tx.find<Note>(request.path_parameter("id"));
      if (note) throw Invalid{"there is one already"};
      throw std::runtime_error{"there is none"};
    });
    service_.post("/timed-out/{id}", [](Transaction& tx, const Request& request) {
      if (tx.find<Note>(request.path_parameter("id"))) throw TimedOut{"it takes too long"};
    });
  }

  // Asks while the last change is not durable. The answer must wait for that change.
  int status_after_waiting(const std::string& method, const std::string& path, const std::string& body = {},
                           const LoopbackClient::Headers& headers = {}) {
    const Lsn changed = app_->trouble.last_commit;
    app_->trouble.hold_tidemark();
    auto answer = std::async(std::launch::async, [&] { return app_->request(method, path, body, headers).status; });
    app_->wait_until([&] { return app_->trouble.waited_for(changed); });
    app_->trouble.release_tidemark();
    return answer.get();
  }

  Service service_{"notes"};
  std::optional<TroubledApplication> app_;
};

TEST_F(Answers, WaitForWhatTheySaw) {
  app_.emplace(std::vector<const Service*>{&service_});
  const std::string note = to_json(Note{"a", "text", 1});
  const std::string clash = to_json(Note{"b", "text", 1});
  const auto created = app_->request("POST", "/notes", note);
  ASSERT_EQ(created.status, 201);

  EXPECT_EQ(status_after_waiting("GET", "/notes/a"), 200);
  EXPECT_EQ(status_after_waiting("GET", "/notes/a", {}, {{"If-None-Match", created.header("ETag")}}), 304);
  EXPECT_EQ(status_after_waiting("GET", "/notes"), 200);
  EXPECT_EQ(status_after_waiting("GET", "/two"), 200);
  EXPECT_EQ(status_after_waiting("POST", "/notes", clash), 409);
  EXPECT_EQ(status_after_waiting("PUT", "/notes/a", note, {{"If-Match", "\"1-0\""}}), 412);
  EXPECT_EQ(status_after_waiting("PUT", "/notes/a", note), 428);
  EXPECT_EQ(status_after_waiting("POST", "/refuse/a"), 422);
  EXPECT_EQ(status_after_waiting("POST", "/timed-out/a"), 504);
  EXPECT_EQ(status_after_waiting("POST", "/notes", note), 201);
  EXPECT_EQ(status_after_waiting("DELETE", "/notes/a"), 204);
  EXPECT_EQ(status_after_waiting("GET", "/notes/a"), 404);
  EXPECT_EQ(status_after_waiting("GET", "/got/a"), 404);
  EXPECT_EQ(status_after_waiting("PUT", "/notes/a", note, {{"If-Match", "*"}}), 404);
  EXPECT_EQ(status_after_waiting("DELETE", "/notes/a"), 204);
  EXPECT_EQ(status_after_waiting("GET", "/notes"), 200);
  EXPECT_EQ(status_after_waiting("POST", "/refuse/a"), 500);
}

TEST_F(Answers, ToRepeatedRequestsWaitToo) {
  app_.emplace(std::vector<const Service*>{&service_});
  const std::string note = to_json(Note{"a", "text", 1});
  const LoopbackClient::Headers key{{"Idempotency-Key", "k"}};
  ASSERT_EQ(status_after_waiting("POST", "/notes", note, key), 201);
  EXPECT_EQ(status_after_waiting("POST", "/notes", note, key), 201);
  EXPECT_EQ(status_after_waiting("POST", "/notes", to_json(Note{"b", "other", 1}), key), 422);
}

}  // namespace
}  // namespace tidemark::kit
