// Topics: ids that rise whatever the clock does, and what is known about a topic.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;

class Topics : public StoreTest {
 protected:
  model::TopicInfo info(const std::string& name) {
    return on_fiber([&] { return store().topic(name); }).or_raise();
  }
  std::uint64_t now_ms() const { return static_cast<std::uint64_t>(clock_.now().time_since_epoch().count()); }
};

TEST_F(Topics, AreMadeByTheFirstPublication) {
  EXPECT_FALSE(on_fiber([&] { return store().topic("users"); }).has_value());
  publish("users", "1");
  EXPECT_EQ(info("users").length, 1u);
}

TEST_F(Topics, GiveIdsOfTheTimeAndASequence) {
  EXPECT_EQ(publish("users", "1"), (StreamId{now_ms(), 0}));
  EXPECT_EQ(publish("users", "2"), (StreamId{now_ms(), 1}));
  clock_.advance(1ms);
  EXPECT_EQ(publish("users", "3"), (StreamId{now_ms(), 0}));
  EXPECT_EQ(publish("others", "1"), (StreamId{now_ms(), 0})) << "each topic has its own";
}

TEST_F(Topics, GiveRisingIdsThoughTheClockJumpsBack) {
  const StreamId before = publish("users", "1");
  clock_.jump_to(clock_.now() - 24h);
  const StreamId after = publish("users", "2");
  EXPECT_GT(after, before);
  reopen();
  EXPECT_GT(publish("users", "3"), after) << "after a restart, too";
  EXPECT_THAT(texts("users"), ElementsAre("1", "2", "3"));
}

TEST_F(Topics, GiveNoIdTwiceThoughTheLastEntryWasErased) {
  const StreamId last = publish("users", "1");
  const StreamId ids[] = {last};
  on_fiber([&] { return store().erase_entries("users", ids); }).or_raise();
  reopen();
  EXPECT_GT(publish("users", "2"), last);
}

TEST_F(Topics, TakeAnIdThatRises) {
  auto publishing = commit_in();
  publishing.publications.push_back(event("users", "1"));
  publishing.publications.back().id = StreamId{now_ms() + 5000, 7};
  EXPECT_THAT(commit(publishing).published, ElementsAre(StreamId{now_ms() + 5000, 7}));
  EXPECT_EQ(refused(publishing), ErrorCode::invalid) << "it does not rise";
  EXPECT_EQ(publish("users", "2"), (StreamId{now_ms() + 5000, 8})) << "the next one is above it";
}

TEST_F(Topics, ThatAreDeclaredAgainKeepWhatTheyHold) {
  declare_topic("users");
  publish("users", "1");
  declare_topic("users", {.count = 10});
  EXPECT_THAT(texts("users"), ElementsAre("1"));
  EXPECT_EQ(info("users").retention, (model::Retention{.count = 10}));
  reopen();
  EXPECT_EQ(info("users").retention, (model::Retention{.count = 10}));
}

TEST_F(Topics, SayWhatTheyHold) {
  declare_group({"users", "cards", "c"});
  const StreamId first = publish("users", "1");
  const StreamId second = publish("users", "2");
  const StreamId third = publish("users", "3");
  const StreamId ids[] = {first};
  on_fiber([&] { return store().erase_entries("users", ids); }).or_raise();
  for (const bool restart : {false, true}) {
    if (restart) reopen();
    const auto users = info("users");
    EXPECT_EQ(users.name, "users");
    EXPECT_EQ(users.length, 2u);
    EXPECT_EQ(users.entries_added, 3u);
    EXPECT_GT(users.bytes, 0u);
    EXPECT_EQ(users.first_id, second);
    EXPECT_EQ(users.last_id, third);
    EXPECT_EQ(users.max_deleted_id, first);
    EXPECT_EQ(users.groups, 1u);
  }
  const auto all = on_fiber([&] { return store().topics(); }).or_raise();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "users");
}

TEST_F(Topics, RefuseAnEventWithoutFieldsAndATopicWithoutAName) {
  auto publishing = commit_in();
  publishing.publications.push_back({.topic = "users", .fields = {}, .id = {}});
  EXPECT_EQ(refused(publishing), ErrorCode::invalid);
  publishing.publications.back() = event("", "1");
  EXPECT_EQ(refused(publishing), ErrorCode::invalid);
}

}  // namespace
}  // namespace tidemark::conformance
