// Consumer groups: where they start, what each hands over, and what is known about them.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const store::Subscription CARDS{"users", "cards", "c1"};
const store::Subscription ROLES{"users", "roles", "r1"};

class Groups : public StoreTest {};

TEST_F(Groups, StartAtTheTopicsBeginning) {
  for (const char* text : {"1", "2", "3"}) publish("users", text);
  declare_group(CARDS);
  EXPECT_THAT(texts_of(fetch(CARDS)), ElementsAre("1", "2", "3"));
}

TEST_F(Groups, MayStartLater) {
  publish("users", "1");
  const StreamId second = publish("users", "2");
  publish("users", "3");
  declare_group(CARDS, second);
  EXPECT_THAT(texts_of(fetch(CARDS)), ElementsAre("3"));
}

TEST_F(Groups, MakeTheirTopic) {
  declare_group(CARDS);
  EXPECT_THAT(texts("users"), IsEmpty());
  publish("users", "1");
  EXPECT_THAT(texts_of(fetch(CARDS)), ElementsAre("1"));
}

TEST_F(Groups, StayWhereTheyAreWhenDeclaredAgain) {
  for (const char* text : {"1", "2"}) publish("users", text);
  declare_group(CARDS);
  EXPECT_THAT(texts_of(fetch(CARDS, 1)), ElementsAre("1"));
  declare_group(CARDS);
  declare_group(CARDS, StreamId::max());
  EXPECT_THAT(texts_of(fetch(CARDS)), ElementsAre("2"));
  EXPECT_EQ(group_info(CARDS).pending, 2u);
}

TEST_F(Groups, SetBackHandOverAgainWhatLiesBehindThem) {
  declare_group(CARDS);
  std::vector<StreamId> ids;
  for (const char* text : {"1", "2", "3", "4"}) ids.push_back(publish("users", text));
  const auto first = fetch(CARDS);
  const auto settle = [&](const model::Delivery& delivery) {
    auto done = commit_in();
    done.settlements.push_back(acknowledgement(CARDS, delivery));
    return on_fiber([&] { return store().commit(done); });
  };
  EXPECT_TRUE(settle(first.at(0)));
  EXPECT_TRUE(settle(first.at(2)));
  const auto move_to = [&](StreamId to) {
    on_fiber([&] { return store().move_cursor(CARDS.topic, CARDS.group, to); }).or_raise();
  };
  move_to(ids[0]);
  EXPECT_EQ(group_info(CARDS).lag, 3u);
  EXPECT_EQ(group_info(CARDS).pending, 2u);
  const auto again = fetch(CARDS);
  EXPECT_THAT(texts_of(again), ElementsAre("2", "3", "4"));
  EXPECT_EQ(group_info(CARDS).pending, 3u) << "what was pending is pending once";
  EXPECT_EQ(settle(first.at(1)).error().code, ErrorCode::fenced) << "it was handed over anew";
  for (const auto& delivery : again) EXPECT_TRUE(settle(delivery));
  move_to(ids[3]);
  EXPECT_THAT(texts_of(fetch(CARDS)), IsEmpty());
  EXPECT_EQ(group_info(CARDS).pending, 0u);
}

TEST_F(Groups, EachGetEveryEvent) {
  declare_group(CARDS);
  declare_group(ROLES);
  publish("users", "1");
  EXPECT_THAT(texts_of(fetch(CARDS)), ElementsAre("1"));
  EXPECT_THAT(texts_of(fetch(ROLES)), ElementsAre("1"));
}

TEST_F(Groups, HandEachEventToOneOfTheirConsumers) {
  declare_group(CARDS);
  for (const char* text : {"1", "2", "3"}) publish("users", text);
  const store::Subscription other{"users", "cards", "c2"};
  EXPECT_THAT(texts_of(fetch(CARDS, 2)), ElementsAre("1", "2"));
  EXPECT_THAT(texts_of(fetch(other)), ElementsAre("3"));
  EXPECT_THAT(texts_of(fetch(CARDS)), IsEmpty());
}

TEST_F(Groups, ThatWereNotDeclaredAreNotFound) {
  declare_topic("users");
  const auto fetched = on_fiber([&] { return store().fetch(CARDS, 1, 1, clock_.instant()); });
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::not_found);
  const auto claimed = on_fiber([&] { return store().claim(CARDS, 0ms, StreamId::min(), 1); });
  ASSERT_FALSE(claimed);
  EXPECT_EQ(claimed.error().code, ErrorCode::not_found);
  const auto removed = on_fiber([&] { return store().remove_group("users", "cards"); });
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::not_found);
}

TEST_F(Groups, AreGoneWhenRemovedAndStartAnewWhenDeclaredAgain) {
  declare_group(CARDS);
  publish("users", "1");
  const auto delivery = fetch(CARDS).at(0);
  on_fiber([&] { return store().remove_group("users", "cards"); }).or_raise();
  EXPECT_THAT(on_fiber([&] { return store().groups("users"); }).or_raise(), IsEmpty());

  auto settling = commit_in();
  settling.settlements.push_back(acknowledgement(CARDS, delivery));
  EXPECT_EQ(refused(settling), ErrorCode::fenced) << "what it had handed over is nobody's";
  declare_group(CARDS);
  EXPECT_EQ(refused(settling), ErrorCode::fenced) << "nor the new group's";
  EXPECT_THAT(texts_of(fetch(CARDS)), ElementsAre("1"));
}

TEST_F(Groups, SayHowFarTheyAre) {
  declare_group(CARDS);
  for (const char* text : {"1", "2", "3", "4"}) publish("users", text);
  auto info = group_info(CARDS);
  EXPECT_EQ(info.topic, "users");
  EXPECT_EQ(info.lag, 4u);
  EXPECT_EQ(info.pending, 0u);

  const auto deliveries = fetch(CARDS, 3);
  clock_.advance(5s);
  info = group_info(CARDS);
  EXPECT_EQ(info.cursor, deliveries.at(2).id);
  EXPECT_EQ(info.entries_read, 3u);
  EXPECT_EQ(info.lag, 1u);
  EXPECT_EQ(info.pending, 3u);
  ASSERT_EQ(info.consumers.size(), 1u);
  EXPECT_EQ(info.consumers[0].name, "c1");
  EXPECT_EQ(info.consumers[0].pending, 3u);
  EXPECT_EQ(info.consumers[0].idle, 5s);

  auto settling = commit_in();
  settling.settlements.push_back(acknowledgement(CARDS, deliveries.at(1)));
  commit(settling);
  info = group_info(CARDS);
  EXPECT_EQ(info.pending, 2u);
  EXPECT_EQ(info.lag, 1u) << "an acknowledgement changes nothing about what is yet to be handed over";
}

// Else a group that is quiet would look abandoned.
TEST_F(Groups, KnowWhenTheirConsumersWereSeen) {
  declare_group(CARDS);
  const auto idle = [&] {
    const auto info = group_info(CARDS);
    EXPECT_EQ(info.consumers.size(), 1u);
    return info.consumers.empty() ? Duration::max() : info.consumers[0].idle;
  };
  EXPECT_THAT(texts_of(fetch(CARDS)), IsEmpty());
  EXPECT_EQ(idle(), 0s) << "one that was never handed anything";
  clock_.advance(70s);
  EXPECT_EQ(idle(), 70s);
  EXPECT_THAT(texts_of(fetch(CARDS)), IsEmpty());
  clock_.advance(2s);
  EXPECT_EQ(idle(), 2s) << "a fetch in vain";
  clock_.advance(70s);
  EXPECT_THAT(texts_of(claim(CARDS)), IsEmpty());
  clock_.advance(3s);
  EXPECT_EQ(idle(), 3s) << "a claim in vain";

  publish("users", "1");
  const auto delivery = fetch(CARDS).at(0);
  clock_.advance(70s);
  EXPECT_EQ(idle(), 70s);
  const std::vector held{std::pair{delivery.id, delivery.token}};
  EXPECT_THAT(on_fiber([&] { return store().extend_leases(CARDS, held); }).or_raise(), IsEmpty());
  clock_.advance(4s);
  EXPECT_EQ(idle(), 4s) << "a heart-beat";
  clock_.advance(70s);
  EXPECT_THAT(texts_of(claim(CARDS, 2min)), IsEmpty());
  EXPECT_EQ(idle(), 0s) << "a claim of what is not idle";
}

TEST_F(Groups, KnowAConsumerThatOnlyEverClaimedInVain) {
  declare_group(CARDS);
  EXPECT_THAT(texts_of(claim(CARDS)), IsEmpty());
  const auto info = group_info(CARDS);
  ASSERT_EQ(info.consumers.size(), 1u);
  EXPECT_EQ(info.consumers[0].name, "c1");
  EXPECT_EQ(info.consumers[0].idle, 0s);
}

TEST_F(Groups, SurviveARestartWhereTheyWere) {
  declare_group(CARDS);
  for (const char* text : {"1", "2", "3"}) publish("users", text);
  const auto deliveries = fetch(CARDS, 2);
  auto settling = commit_in();
  settling.settlements.push_back(acknowledgement(CARDS, deliveries.at(0)));
  commit(settling);
  reopen();
  EXPECT_EQ(group_info(CARDS).pending, 1u);
  EXPECT_THAT(texts_of(claim(CARDS)), ElementsAre("2"));
  EXPECT_THAT(texts_of(fetch(CARDS)), ElementsAre("3"));
}

}  // namespace
}  // namespace tidemark::conformance
