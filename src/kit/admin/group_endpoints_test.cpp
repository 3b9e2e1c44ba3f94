// The operator's endpoints about groups, as a console uses them.
#include <gtest/gtest.h>

#include <algorithm>

#include "kit/admin/groups.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

struct Groups {
  std::vector<GroupState> items;
};
BOOST_DESCRIBE_STRUCT(Groups, (), (items))

struct Consumer {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Consumer, (), (name))

struct Pending {
  std::string id;
  std::uint32_t attempts;
  std::optional<TimePoint> retry_at;
  std::optional<std::string> last_error;
};
BOOST_DESCRIBE_STRUCT(Pending, (), (id, attempts, retry_at, last_error))

struct Details : GroupState {
  std::vector<Consumer> consumers;
  std::vector<Pending> oldest_pending;
};
BOOST_DESCRIBE_STRUCT(Details, (GroupState), (consumers, oldest_pending))

struct Sought {
  std::string from, to, direction;
  std::uint64_t events;
};
BOOST_DESCRIBE_STRUCT(Sought, (), (from, to, direction, events))

const std::string GROUP = "/admin/v1/groups/noted/notes";

class AdminGroups : public ::testing::Test {
 protected:
  AdminGroups() {
    service
        .on<Noted>("noted",
                   [this](Transaction&, const Noted& event) {
                     if (broken) throw std::runtime_error{"it is broken"};
                     seen.add(event.key, event.number);
                   })
        .retry({.attempts = 100, .first = 50ms, .at_most = 100ms});
  }
  void start(std::uint16_t partitions = 1) { app.emplace(std::vector<const Service*>{&service}, 10s, partitions); }
  testing::Reply post(const std::string& path, const std::string& body = "{}") {
    return app->request("POST", path, body, {{"Content-Type", "application/json"}});
  }
  Details details() { return from_json<Details>(app->request("GET", GROUP).body); }
  std::optional<GroupState> listed() {
    auto groups = from_json<Groups>(app->request("GET", "/admin/v1/groups").body).items;
    const auto found = std::ranges::find(groups, "notes", &GroupState::group);
    return found == groups.end() ? std::nullopt : std::optional{*found};
  }
  // Once nothing is in flight.
  testing::Reply seek(const std::string& body) {
    testing::Reply reply;
    app->wait_until([&] { return (reply = post(GROUP + "/seek", body)).status != 409; });
    return reply;
  }

  Service service = make_notes();
  Seen seen;
  std::atomic<bool> broken{false};
  std::optional<TroubledApplication> app;
};

TEST_F(AdminGroups, AreListedWithWhatWaits) {
  start();
  ASSERT_EQ(app->publish("a", 3).status, 204);
  app->wait_until([&] { return seen.of("a").size() == 3 && listed()->pending == 0; });
  const auto state = *listed();
  EXPECT_EQ(state.topic, "noted");
  EXPECT_EQ(state.service, "notes");
  EXPECT_EQ(state.handler, "Noted");
  EXPECT_EQ(state.lag, 0u);
  EXPECT_EQ(state.health, "ok") << state.why;
  EXPECT_FALSE(state.paused);
  const auto groups = from_json<Groups>(app->request("GET", "/admin/v1/groups").body).items;
  EXPECT_EQ(groups.size(), 1u) << "the group of redriven events is no group of its own";
  EXPECT_EQ(details().consumers.size(), 1u);
  EXPECT_EQ(app->request("GET", "/admin/v1/groups/noted/nobody").status, 404);
}

TEST_F(AdminGroups, ShowWhyTheyFail) {
  start();
  broken = true;
  ASSERT_EQ(app->publish("a", 2).status, 204);
  app->wait_until([&] {
    const auto now = details();
    return now.retrying == 1 && !now.oldest_pending.empty() && now.oldest_pending.front().attempts > 0;
  });
  const auto now = details();
  EXPECT_EQ(now.health, "failing");
  EXPECT_EQ(now.oldest_pending.size(), 2u);
  EXPECT_EQ(now.oldest_pending.front().last_error, "it is broken");
  EXPECT_TRUE(now.oldest_waiting_ms);
  broken = false;
  app->wait_until([&] { return seen.of("a").size() == 2; });
}

TEST_F(AdminGroups, ArePausedOverRestartsUntilTheyAreResumed) {
  start();
  const auto paused = post(GROUP + "/pause", R"({"reason":"the provider is down","by":"Ann"})");
  ASSERT_EQ(paused.status, 200) << paused.body;
  const auto pause = from_json<GroupState>(paused.body).paused;
  ASSERT_TRUE(pause);
  EXPECT_EQ(pause->reason, "the provider is down");
  EXPECT_EQ(pause->by, "Ann");
  // Once at rest nothing begins: a dry run shows nothing of that, a move does.
  ASSERT_EQ(seek(R"({"to":"end"})").status, 200);
  ASSERT_EQ(app->publish("a", 3).status, 204);
  app->restart();
  EXPECT_EQ(listed()->lag, 3u);
  EXPECT_EQ(listed()->paused->since, pause->since);
  EXPECT_EQ(listed()->health, "waiting");
  EXPECT_TRUE(seen.of("a").empty());
  EXPECT_EQ(post(GROUP + "/resume").status, 200);
  app->wait_until([&] { return seen.of("a").size() == 3; });
  EXPECT_FALSE(listed()->paused);
  EXPECT_EQ(post("/admin/v1/groups/noted/nobody/pause").status, 404);
  EXPECT_EQ(post(GROUP + "/pause", R"({"why":"?"})").status, 422);
}

TEST_F(AdminGroups, AreSoughtWhenTheyAreAtRest) {
  start();
  ASSERT_EQ(app->publish("a", 5).status, 204);
  app->wait_until([&] { return seen.of("a").size() == 5 && details().pending == 0; });
  const auto dry = from_json<Sought>(post(GROUP + "/seek", R"({"to":"start","dry_run":true})").body);
  EXPECT_EQ(dry.events, 5u);
  EXPECT_EQ(dry.direction, "back");
  EXPECT_EQ(dry.to, "0-0");
  EXPECT_EQ(dry.from, details().cursor);
  EXPECT_EQ(from_json<Sought>(post(GROUP + "/seek", R"({"to":"end","dry_run":true})").body).direction, "none");
  const auto refused = post(GROUP + "/seek", R"({"to":"start"})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("pause it first"), std::string::npos) << refused.body;
  EXPECT_EQ(post(GROUP + "/seek", R"({"to":"yesterday"})").status, 422);
  EXPECT_EQ(post(GROUP + "/seek", "{}").status, 422);

  ASSERT_EQ(post(GROUP + "/pause").status, 200);
  EXPECT_EQ(from_json<Sought>(seek(R"({"to":"start"})").body).events, 5u);
  ASSERT_EQ(post(GROUP + "/resume").status, 200);
  app->wait_until([&] { return seen.of("a").size() == 10; });
  EXPECT_EQ(seen.of("a"), (std::vector{0, 1, 2, 3, 4, 0, 1, 2, 3, 4}));
}

TEST_F(AdminGroups, OfSeveralPartitionsAreOneGroup) {
  start(4);
  for (int i = 0; i < 8; ++i) ASSERT_EQ(app->publish(std::to_string(i), 1).status, 204);
  app->wait_until([&] {
    for (int i = 0; i < 8; ++i)
      if (seen.of(std::to_string(i)).empty()) return false;
    return true;
  });
  const auto groups = from_json<Groups>(app->request("GET", "/admin/v1/groups").body).items;
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups.front().topic, "noted");
  ASSERT_EQ(post(GROUP + "/pause").status, 200);
  const auto back = post(GROUP + "/seek", R"({"to":"start","dry_run":true})");
  EXPECT_EQ(back.status, 409);
  EXPECT_NE(back.body.find("forward only"), std::string::npos) << back.body;
  EXPECT_EQ(seek(R"({"to":"end"})").status, 200);
}

TEST_F(AdminGroups, ThatAreAbandonedAreRemoved) {
  start();
  app->at_store([](store::Store& store) {
    store.declare_group("noted", "old", StreamId::min()).or_raise();
    return 0;
  });
  ASSERT_EQ(app->publish("a", 3).status, 204);
  auto groups = from_json<Groups>(app->request("GET", "/admin/v1/groups").body).items;
  const auto old = std::ranges::find(groups, "old", &GroupState::group);
  ASSERT_NE(old, groups.end());
  EXPECT_FALSE(old->handler);
  EXPECT_FALSE(old->service);
  EXPECT_EQ(old->lag, 3u);
  EXPECT_EQ(old->why, "nobody reads it, and 3 events wait");
  EXPECT_EQ(app->request("DELETE", GROUP).status, 409);
  EXPECT_EQ(app->request("DELETE", "/admin/v1/groups/noted/old").status, 204);
  EXPECT_EQ(app->request("DELETE", "/admin/v1/groups/noted/old").status, 404);
}

TEST_F(AdminGroups, OfOthersCanBePausedAndSought) {
  start();
  ASSERT_EQ(app->publish("a", 3).status, 204);
  app->at_store([](store::Store& store) {
    store.declare_group("noted", "other", StreamId::min()).or_raise();
    return 0;
  });
  const std::string other = "/admin/v1/groups/noted/other";
  EXPECT_EQ(post(other + "/seek", R"({"to":"end"})").status, 409);
  EXPECT_EQ(post(other + "/pause").status, 200);
  EXPECT_EQ(from_json<Sought>(post(other + "/seek", R"({"to":"end"})").body).events, 3u);
  EXPECT_EQ(post(other + "/resume").status, 200);
}

}  // namespace
}  // namespace tidemark::kit
