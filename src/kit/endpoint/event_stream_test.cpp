#include "kit/endpoint/event_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "kit/testing/test_bench.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

TEST(EventStreamPosition, SurvivesItsText) {
  const std::vector<store::Position> positions{{"orders", {17, 3}}, {"stock", {0, 0}}};
  std::vector<store::Position> read{{"orders", {}}, {"stock", {5, 5}}, {"more", {1, 0}}};
  ASSERT_TRUE(apply_position(position_text(positions), read));
  EXPECT_EQ(read[0].after, (StreamId{17, 3}));
  EXPECT_EQ(read[1].after, (StreamId{0, 0}));
  EXPECT_EQ(read[2].after, (StreamId{1, 0})) << "a topic that the position does not name has moved";
}

TEST(EventStreamPosition, RefusesWhatIsNone) {
  std::vector<store::Position> positions{{"orders", {}}};
  for (const auto* text : {"orders", "orders=x", "orders=1-2,stock"}) {
    const auto applied = apply_position(text, positions);
    ASSERT_FALSE(applied) << text;
    EXPECT_EQ(applied.error().code, ErrorCode::malformed);
  }
}

// A client's end: keeps what it is sent, and takes no more while it is blocked.
class Client final : public EventWriter {
 public:
  void send(std::string_view event, std::string_view id, std::string_view data) override {
    room_.wait([this] { return !blocked; });
    events.emplace_back(event);
    data_.emplace_back(data);
    last_id = id;
  }
  void comment(std::string_view text) override { comments.emplace_back(text); }
  const std::vector<std::string>& data() const { return data_; }
  void unblock() {
    blocked = false;
    room_.notify_all();
  }

  std::vector<std::string> events, comments;
  std::string last_id;
  bool blocked = false;

 private:
  fiber::Signal room_;
  std::vector<std::string> data_;
};

class EventStreamRun : public ::testing::Test {
 protected:
  EventStreamRun() { service_.events("/events").topic<Noted>("noted").topic<Note>("note"); }

  fiber::FiberHandle connect(Client& client, std::string last_event_id = {}) {
    auto& bench = bench_;
    auto fiber = bench.loop.loop().spawn("events", [this, &client, last_event_id = std::move(last_event_id)] {
      Request request;
      if (!last_event_id.empty()) request.headers.push_back({"Last-Event-ID", last_event_id});
      stream_(request).events(client);
    });
    bench.loop.run_ready();
    return fiber;
  }
  void note(int number, std::optional<StreamId> id = std::nullopt) {
    bench_.append("noted", {{"key", "a"}, {"number", std::to_string(number)}}, id);
    settle();
  }
  // Until every stream has sent what it gathers.
  void settle() { bench_.loop.advance(Duration{1000}); }

  Service service_{"notes"};
  Bench bench_{service_};
  EventStream stream_{bench_.runtime, service_.spec().events.front()};
};

TEST_F(EventStreamRun, BeginsWithWhatIsPublishedFromNowOn) {
  note(0);
  Client client;
  connect(client);
  EXPECT_TRUE(client.events.empty());
  note(1);
  bench_.append("note", {{"id", "n"}, {"text", "t"}, {"count", "2"}});
  settle();
  EXPECT_EQ(client.events, (std::vector<std::string>{"noted", "note"}));
  EXPECT_EQ(client.data().front(), R"({"key":"a","number":1})");
}

TEST_F(EventStreamRun, KeepsASilentConnectionAlive) {
  Client client;
  connect(client);
  bench_.loop.advance(1min);
  EXPECT_EQ(client.comments,
            (std::vector<std::string>{"connected", "keep-alive", "keep-alive", "keep-alive", "keep-alive"}));
}

TEST_F(EventStreamRun, ReadsNoFurtherForAClientThatTakesNothing) {
  Client slow, quick;
  slow.blocked = true;
  connect(slow);
  const auto reads_of = [&](const auto& what) {
    const int before = bench_.store.reads;
    what();
    return bench_.store.reads - before;
  };
  EXPECT_EQ(reads_of([&] { note(0); }), 2) << "it looks once at each topic";
  EXPECT_EQ(reads_of([&] {
              for (int i = 1; i < 300; ++i) note(i);
            }),
            0);
  connect(quick);
  note(300);
  EXPECT_EQ(quick.events.size(), 1u);
  slow.unblock();
  settle();
  EXPECT_EQ(slow.events.size(), 301u);
}

TEST_F(EventStreamRun, CatchesUpInTheOrderOfTimeOverAllTopics) {
  for (int i = 0; i < 450; ++i) {
    const StreamId id{2000 + static_cast<std::uint64_t>(i), 0};
    if (i % 9 == 8)
      bench_.append("note", {{"id", "n"}, {"text", "t"}, {"count", std::to_string(i)}}, id);
    else
      note(i, id);
  }
  Client client;
  connect(client, "noted=0-0,note=0-0");
  settle();
  ASSERT_EQ(client.events.size(), 450u);
  for (std::size_t i = 0; i < 450; ++i)
    EXPECT_NE(client.data()[i].find(':' + std::to_string(i) + '}'), std::string::npos) << i << ": " << client.data()[i];
}

TEST_F(EventStreamRun, GoesOnWhereAClientWas) {
  Client first;
  const auto position = [&] { return first.last_id; };
  auto fiber = connect(first, "noted=0-0,note=0-0");
  for (int i = 0; i < 5; ++i) note(i);
  fiber.cancel();
  bench_.loop.run_ready();
  for (int i = 5; i < 8; ++i) note(i);
  Client second;
  connect(second, position());
  note(8);
  ASSERT_EQ(first.events.size(), 5u);
  ASSERT_EQ(second.events.size(), 4u);
  EXPECT_EQ(second.data().front(), R"({"key":"a","number":5})");
}

TEST_F(EventStreamRun, SendsWhatIsNoSuchEventAsItIs) {
  Client client;
  connect(client);
  bench_.append("noted", {{"key", "\xFF\n\""}, {"number", "NaN"}});
  ASSERT_EQ(client.events.size(), 1u);
  EXPECT_EQ(client.data().front(), "{\"key\":\"\xEF\xBF\xBD\\n\\\"\",\"number\":\"NaN\"}");
}

}  // namespace
}  // namespace tidemark::kit
