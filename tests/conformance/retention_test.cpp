// Retention: what a topic drops, and what it keeps for the sake of its groups.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const store::Subscription BY{"orders", "stock", "first"};

class Retention : public StoreTest {
 protected:
  void publish_five() {
    for (const char* text : {"1", "2", "3", "4", "5"}) publish("orders", text);
  }
  void acknowledge(const std::vector<model::Delivery>& deliveries) {
    auto settling = commit_in();
    for (const auto& delivery : deliveries) settling.settlements.push_back(acknowledgement(BY, delivery));
    commit(settling);
  }
  // Retention may come a moment after what allows it.
  std::vector<std::string> kept() {
    clock_.advance(10s);
    maintain();
    return texts("orders");
  }
};

TEST_F(Retention, KeepsEverythingUnlessTold) {
  declare_topic("orders");
  publish_five();
  clock_.advance(24h * 365);
  EXPECT_EQ(kept().size(), 5u);
}

TEST_F(Retention, KeepsANumberOfEntries) {
  declare_topic("orders", {.count = 2});
  publish_five();
  EXPECT_THAT(kept(), ElementsAre("4", "5"));
  const auto info = on_fiber([&] { return store().topic("orders"); }).or_raise();
  EXPECT_EQ(info.length, 2u);
  EXPECT_EQ(info.entries_added, 5u);
}

TEST_F(Retention, KeepsEntriesOfAnAge) {
  declare_topic("orders", {.age = 1h});
  publish_five();
  clock_.advance(50min);
  publish("orders", "6");
  clock_.advance(11min);
  EXPECT_THAT(kept(), ElementsAre("6"));
}

TEST_F(Retention, KeepsAboutSoManyBytes) {
  declare_topic("orders", {.bytes = 5000});
  for (int i = 0; i < 20; ++i) publish("orders", std::string(1000, 'x'));
  const auto count = kept().size();
  EXPECT_GE(count, 3u);
  EXPECT_LE(count, 6u);
}

TEST_F(Retention, KeepsWhatAGroupHasNotAcknowledged) {
  declare_topic("orders", {.count = 1});
  declare_group(BY);
  publish_five();
  EXPECT_EQ(kept().size(), 5u) << "nothing was handed over";
  const auto deliveries = fetch(BY, 3);
  EXPECT_EQ(kept().size(), 5u) << "handed over is not acknowledged";
  acknowledge({deliveries.at(0), deliveries.at(2)});
  EXPECT_THAT(kept(), ElementsAre("2", "3", "4", "5"));
  acknowledge({deliveries.at(1)});
  EXPECT_THAT(kept(), ElementsAre("4", "5"));
  acknowledge(fetch(BY));
  EXPECT_THAT(kept(), ElementsAre("5"));
}

TEST_F(Retention, KeepsItForAGroupOverARestart) {
  declare_topic("orders", {.count = 1});
  declare_group(BY);
  publish_five();
  acknowledge({fetch(BY, 1).at(0)});
  reopen();
  EXPECT_THAT(kept(), ElementsAre("2", "3", "4", "5"));
}

TEST_F(Retention, DropsWhatARemovedGroupHeldBack) {
  declare_topic("orders", {.count = 1});
  declare_group(BY);
  publish_five();
  fetch(BY, 2);
  EXPECT_EQ(kept().size(), 5u);
  on_fiber([&] { return store().remove_group("orders", "stock"); }).or_raise();
  EXPECT_THAT(kept(), ElementsAre("5"));
}

TEST_F(Retention, DropsRegardlessOfGroupsWhenForced) {
  declare_topic("orders", {.count = 1, .force = true});
  declare_group(BY);
  publish_five();
  fetch(BY, 2);
  EXPECT_THAT(kept(), ElementsAre("5"));
  EXPECT_THAT(claim(BY), IsEmpty()) << "what was pending of it is dropped at the next claim";
  EXPECT_THAT(texts_of(fetch(BY)), ElementsAre("5"));
}

TEST_F(Retention, StaysDroppedAfterARestart) {
  declare_topic("orders", {.count = 2});
  publish_five();
  EXPECT_THAT(kept(), ElementsAre("4", "5"));
  reopen();
  EXPECT_THAT(texts("orders"), ElementsAre("4", "5"));
  declare_group(BY);
  EXPECT_THAT(texts_of(fetch(BY)), ElementsAre("4", "5"));
}

}  // namespace
}  // namespace tidemark::conformance
