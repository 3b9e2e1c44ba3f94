// The stream of changes that a console lives from.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "kit/testing/test_admin.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

class AdminChanges : public ::testing::Test {
 protected:
  static std::size_t count(const StreamClient& client, std::string_view name) {
    return static_cast<std::size_t>(std::ranges::count(client.events, name, &StreamClient::Event::name));
  }
  static const std::string& newest(const StreamClient& client, std::string_view name) {
    static const std::string none;
    const std::string* found = &none;
    for (const auto& event : client.events)
      if (event.name == name) found = &event.data;
    return *found;
  }
  void append() { admin_.bench.append("noted", {{"key", "a"}, {"number", "1"}}); }

  Service service_ = make_notes();
  AdminBench admin_{service_};
};

TEST_F(AdminChanges, BeginWithAllAsItIs) {
  StreamClient client;
  admin_.connect(client, "/changes");
  EXPECT_EQ(client.events.size(), 4u);
  for (const auto* path : {"/groups", "/topics", "/health", "/map"})
    EXPECT_EQ(newest(client, std::string_view{path}.substr(1)), admin_.get(path).body) << path;
}

TEST_F(AdminChanges, TellOnlyWhatHasChanged) {
  StreamClient client;
  admin_.connect(client, "/changes");
  client.events.clear();
  admin_.bench.loop.advance(5s);
  EXPECT_TRUE(client.events.empty());
  append();
  admin_.bench.loop.advance(2s);
  EXPECT_EQ(count(client, "topics"), 1u);
  EXPECT_EQ(count(client, "map"), 1u);
  EXPECT_EQ(count(client, "health"), 0u);
  EXPECT_EQ(newest(client, "topics"), admin_.get("/topics").body);
}

TEST_F(AdminChanges, GiveASlowReaderTheNewestAndNoQueue) {
  StreamClient client;
  admin_.connect(client, "/changes");
  client.events.clear();
  client.blocked = true;
  for (int i = 0; i < 10; ++i) {
    append();
    admin_.bench.loop.advance(2s);
  }
  client.unblock();
  admin_.bench.loop.advance(2s);
  EXPECT_LE(count(client, "topics"), 2u);
  EXPECT_EQ(newest(client, "topics"), admin_.get("/topics").body);
}

TEST_F(AdminChanges, AreTheSameForAllWhoListen) {
  std::array<StreamClient, 5> clients;
  for (auto& client : clients) admin_.connect(client, "/changes");
  append();
  admin_.bench.loop.advance(3s);
  for (const auto& client : clients) EXPECT_EQ(newest(client, "topics"), newest(clients[0], "topics"));
}

TEST_F(AdminChanges, KeepASilentConnectionAlive) {
  StreamClient client;
  admin_.connect(client, "/changes");
  admin_.bench.loop.advance(20s);
  EXPECT_EQ(std::ranges::count(client.comments, "keep-alive"), 1);
}

}  // namespace
}  // namespace tidemark::kit
