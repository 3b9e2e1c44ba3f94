// Server-sent events over real sockets and restarts.
#include <gtest/gtest.h>

#include <memory>

#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

struct Event {
  std::string id, data;
};

// Reads a stream of events, as a browser would. HTTP/1.0, so that nothing is chunked.
class EventClient {
 public:
  explicit EventClient(std::uint16_t port, const std::string& last_event_id = {}) : client_{port} {
    const std::string last = last_event_id.empty() ? "" : "Last-Event-ID: " + last_event_id + "\r\n";
    client_.send("GET /events HTTP/1.0\r\nHost: localhost\r\n" + last + "\r\n");
  }
  // Returns when the service has answered.
  const std::string& head() {
    if (head_.empty()) head_ = take("\r\n\r\n");
    return head_;
  }
  Event next() {
    head();
    for (;;) {
      const auto block = take("\n\n");
      const auto data = block.find("data: ");
      if (data == block.npos) continue;  // a comment
      const auto id = block.find("id: ") + 4;
      return {block.substr(id, block.find('\n', id) - id), block.substr(data + 6)};
    }
  }

 private:
  std::string take(std::string_view end) {
    for (auto at = buffer_.find(end); at == buffer_.npos; at = buffer_.find(end)) {
      const auto some = client_.receive();
      if (some.empty()) throw Unavailable{"the stream has ended"};
      buffer_ += some;
    }
    const auto at = buffer_.find(end);
    auto taken = buffer_.substr(0, at);
    buffer_.erase(0, at + end.size());
    return taken;
  }

  LoopbackClient client_;
  std::string head_, buffer_;
};

Service make_notes_with_events() {
  Service service = make_notes();
  service.events("/events").topic<Noted>("noted");
  return service;
}

TEST(EventConnections, GoOnOverARestartWithoutLossOrRepetition) {
  const auto service = make_notes_with_events();
  TroubledApplication app{{&service}};
  ASSERT_EQ(app.publish("before", 2).status, 204);
  auto client = std::make_unique<EventClient>(app.port());
  EXPECT_NE(client->head().find("200"), std::string::npos);
  EXPECT_NE(client->head().find("text/event-stream"), std::string::npos);
  ASSERT_EQ(app.publish("a", 5).status, 204);
  std::string last;
  for (int i = 0; i < 3; ++i) {
    const auto event = client->next();
    EXPECT_EQ(event.data, to_json(Noted{"a", i}));
    last = event.id;
  }
  ASSERT_EQ(app.publish("b", 2).status, 204);
  app.restart();
  EXPECT_THROW(
      {
        for (;;) client->next();
      },
      Unavailable);
  ASSERT_EQ(app.publish("c", 2).status, 204);
  client = std::make_unique<EventClient>(app.port(), last);
  for (const auto& expected : {Noted{"a", 3}, {"a", 4}, {"b", 0}, {"b", 1}, {"c", 0}, {"c", 1}})
    EXPECT_EQ(client->next().data, to_json(expected));
}

TEST(EventConnections, RefuseAPositionThatIsNone) {
  const auto service = make_notes_with_events();
  TroubledApplication app{{&service}};
  for (const auto* position : {"nonsense", "noted=x", "noted=1-1-1", "=", ","}) {
    const auto reply = app.request("GET", "/events", {}, {{"Last-Event-ID", position}});
    EXPECT_EQ(reply.status, 400) << position;
    EXPECT_NE(reply.body.find("Last-Event-ID"), std::string::npos) << reply.body;
  }
}

TEST(EventConnections, OfClientsThatNeverReadHoldUpNobodyAndEndWithTheDrain) {
  Service service{"notes"};
  service.post("/publish", [](Transaction& tx, const Batch& batch) {
    for (int i = 0; i < batch.count; ++i) tx.publish(Note{batch.key, std::string(100'000, 'x'), i});
  });
  service.events("/events").topic<Note>("note");
  TroubledApplication app{{&service}};
  EventClient silent{app.port()}, reader{app.port()};
  silent.head();
  reader.head();
  constexpr int BATCHES = 20, EACH = 10;  // 20 MB: more than sockets hold
  for (int i = 0; i < BATCHES; ++i) ASSERT_EQ(app.publish(std::to_string(i), EACH).status, 204);
  for (int i = 0; i < BATCHES * EACH; ++i) EXPECT_EQ(from_json<Note>(reader.next().data).count, i % EACH);
  EXPECT_TRUE(app.stop());
  app.start();
}

}  // namespace
}  // namespace tidemark::kit
