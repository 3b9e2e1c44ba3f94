// Timers: events published at a time to come, once.
#include <set>

#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class Timers : public StoreTest {
 protected:
  Timers() { declare_topic("alarms"); }
  void set(std::string name, TimePoint due, std::string_view text, const model::Partition& partition = PARTITION) {
    auto setting = commit_in(partition);
    setting.timers.push_back({.name = std::move(name), .due = due, .topic = "alarms", .fields = text_fields(text)});
    commit(setting);
  }
};

TEST_F(Timers, PublishWhenTheyAreDueAndOnce) {
  set("t", clock_.now() + 10s, "now");
  EXPECT_LE(maintain(), clock_.now() + 10s) << "it wants to be called in time";
  clock_.advance(10s - 1ms);
  maintain();
  EXPECT_THAT(texts("alarms"), IsEmpty());
  clock_.advance(1ms);
  maintain();
  EXPECT_THAT(texts("alarms"), ElementsAre("now"));
  clock_.advance(1h);
  maintain();
  reopen();
  maintain();
  EXPECT_THAT(texts("alarms"), ElementsAre("now"));
}

TEST_F(Timers, PublishInTheOrderOfTheirTimes) {
  set("c", clock_.now() + 3s, "third");
  set("a", clock_.now() + 1s, "first");
  set("b", clock_.now() + 2s, "second");
  clock_.advance(5s);
  maintain();
  EXPECT_THAT(texts("alarms"), ElementsAre("first", "second", "third"));
}

TEST_F(Timers, OfThePastPublishAtOnce) {
  set("t", clock_.now() - 1h, "late");
  maintain();
  EXPECT_THAT(texts("alarms"), ElementsAre("late"));
}

TEST_F(Timers, OfTheSameNameReplaceEachOther) {
  set("t", clock_.now() + 1s, "old");
  set("t", clock_.now() + 2s, "new");
  clock_.advance(1s);
  maintain();
  EXPECT_THAT(texts("alarms"), IsEmpty());
  clock_.advance(1s);
  maintain();
  EXPECT_THAT(texts("alarms"), ElementsAre("new"));
}

TEST_F(Timers, OfTwoPartitionsMayHaveOneName) {
  set("t", clock_.now() + 1s, "of 0");
  set("t", clock_.now() + 1s, "of 1", OTHER_PARTITION);
  clock_.advance(1s);
  maintain();
  EXPECT_THAT(texts("alarms"), UnorderedElementsAre("of 0", "of 1"));
}

TEST_F(Timers, ThatAreCancelledDoNotPublish) {
  set("t", clock_.now() + 1s, "cancelled");
  auto cancelling = commit_in();
  cancelling.timers.push_back({.name = "t", .due = {}, .topic = {}, .fields = {}});
  commit(cancelling);
  clock_.advance(1h);
  maintain();
  EXPECT_THAT(texts("alarms"), IsEmpty());
  commit(cancelling);  // what is not there may be cancelled again
}

TEST_F(Timers, SurviveARestartThatTheyWereDueIn) {
  set("t", clock_.now() + 10s, "after the restart");
  clock_.advance(1min);
  reopen();
  maintain();
  EXPECT_THAT(texts("alarms"), ElementsAre("after the restart"));
}

TEST_F(Timers, PublishOnceThoughTheStoreIsKilled) {
  for (int i = 0; i < 200; ++i) set(std::to_string(i), clock_.now() + 1s, std::to_string(i));
  wait_durable(store().seen());
  clock_.advance(1s);
  on_fiber([&] { return store().maintain(); }).or_raise();
  crash();
  maintain();
  const auto published = texts("alarms");
  EXPECT_EQ(published.size(), 200u);
  EXPECT_EQ(std::set<std::string>(published.begin(), published.end()).size(), 200u);
}

TEST_F(Timers, AreListedSoonestFirstInPages) {
  const auto start = clock_.now();
  set("c", start + 3s, "last");
  set("b", start + 2s, "second");
  set("b", start + 2s, "second of another", OTHER_PARTITION);
  set("a", start + 2s, "first");
  set("d", start + 1h, "cancelled");
  auto cancelling = commit_in();
  cancelling.timers.push_back({.name = "d", .due = {}, .topic = {}, .fields = {}});
  commit(cancelling);

  std::vector<std::string> listed;
  std::optional<model::TimerPlace> after;
  for (;;) {
    const auto page = on_fiber([&] { return store().timers(after, 1); }).or_raise();
    if (page.empty()) break;
    ASSERT_EQ(page.size(), 1u);
    ASSERT_LE(listed.size(), 4u) << "a timer is listed again";
    EXPECT_EQ(page[0].topic, "alarms");
    listed.push_back(page[0].place.name + std::to_string(page[0].place.partition.number) + ": " +
                     text_of(page[0].fields));
    EXPECT_TRUE(!after || page[0].place.due >= after->due);
    after = page[0].place;
  }
  EXPECT_THAT(listed, ElementsAre("a0: first", "b0: second", "b1: second of another", "c0: last"));
  EXPECT_EQ(on_fiber([&] { return store().timers(std::nullopt, 10); }).or_raise().size(), 4u);
  EXPECT_EQ(after->due, start + 3s);

  clock_.advance(2s);
  maintain();
  EXPECT_EQ(on_fiber([&] { return store().timers(std::nullopt, 10); }).or_raise().size(), 1u);
}

TEST_F(Timers, MakeTheirTopic) {
  auto setting = commit_in();
  setting.timers.push_back({.name = "t", .due = clock_.now(), .topic = "fresh", .fields = text_fields("1")});
  commit(setting);
  maintain();
  EXPECT_THAT(texts("fresh"), ElementsAre("1"));
}

}  // namespace
}  // namespace tidemark::conformance
