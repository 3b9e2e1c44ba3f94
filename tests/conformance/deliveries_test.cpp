// Deliveries: fetched, kept by heart-beats, claimed when nobody cares for them, retried later.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const store::Subscription FIRST{"orders", "stock", "first"};
const store::Subscription SECOND{"orders", "stock", "second"};

class Deliveries : public StoreTest {
 protected:
  Deliveries() { declare_group(FIRST); }
  void settle(model::Settlement settlement) {
    auto settling = commit_in();
    settling.settlements.push_back(std::move(settlement));
    commit(settling);
  }
};

TEST_F(Deliveries, ComeInTheOrderOfTheTopic) {
  auto publishing = commit_in();
  for (const char* text : {"1", "2", "3"}) publishing.publications.push_back(event("orders", text));
  const auto ids = commit(publishing).published;
  publish("orders", "4");
  const auto deliveries = fetch(FIRST);
  EXPECT_THAT(texts_of(deliveries), ElementsAre("1", "2", "3", "4"));
  EXPECT_EQ(deliveries.at(0).id, ids.at(0));
  EXPECT_EQ(deliveries.at(0).deliveries, 1u);
  EXPECT_EQ(deliveries.at(0).attempts, 0u);
  EXPECT_FALSE(deliveries.at(0).suspect);
  EXPECT_FALSE(deliveries.at(0).retry_at);
  EXPECT_NE(deliveries.at(0).token, 0u);
}

TEST_F(Deliveries, CarryTheFieldsAsTheyWerePublished) {
  model::Fields fields;
  fields.add("name", "Ann");
  fields.add("bytes", std::string_view{"\0\xff\r\n", 4});
  fields.add("name", "again");
  fields.add("", "");
  auto publishing = commit_in();
  publishing.publications.push_back({.topic = "orders", .fields = fields, .id = {}});
  commit(publishing);
  EXPECT_EQ(fetch(FIRST).at(0).fields, fields);
}

TEST_F(Deliveries, AreLimitedInNumberAndInBytes) {
  for (int i = 0; i < 10; ++i) publish("orders", std::string(1000, 'x'));
  EXPECT_EQ(fetch(FIRST, 3).size(), 3u);
  const auto some = on_fiber([&] { return store().fetch(FIRST, 100, 2500, clock_.instant()); }).or_raise();
  EXPECT_GE(some.deliveries.size(), 2u);
  EXPECT_LE(some.deliveries.size(), 4u);
  const auto one = on_fiber([&] { return store().fetch(FIRST, 100, 1, clock_.instant()); }).or_raise();
  EXPECT_EQ(one.deliveries.size(), 1u) << "a large entry is handed over all the same";
}

TEST_F(Deliveries, ComeWithTheLsnOfTheHandOver) {
  publish("orders", "1");
  const Lsn before = store().seen();
  const auto batch = on_fiber([&] { return store().fetch(FIRST, 1, 1, clock_.instant()); }).or_raise();
  EXPECT_GT(batch.lsn, before);
  wait_durable(batch.lsn);
}

TEST_F(Deliveries, AreClaimedOnlyWhenIdleForLongEnough) {
  publish("orders", "1");
  fetch(FIRST);
  clock_.advance(10s);
  publish("orders", "2");
  fetch(FIRST);
  EXPECT_THAT(claim(SECOND, 11s), IsEmpty());
  EXPECT_THAT(texts_of(claim(SECOND, 10s)), ElementsAre("1"));
  EXPECT_THAT(claim(SECOND, 10s), IsEmpty()) << "a claim starts the idle time anew";
  EXPECT_THAT(texts_of(claim(FIRST, 0ms)), ElementsAre("1", "2"));
}

TEST_F(Deliveries, GetANewTokenAndCountWhenClaimed) {
  publish("orders", "1");
  const auto fetched = fetch(FIRST).at(0);
  const auto claimed = claim(SECOND).at(0);
  EXPECT_EQ(claimed.id, fetched.id);
  EXPECT_EQ(claimed.fields, fetched.fields);
  EXPECT_NE(claimed.token, fetched.token);
  EXPECT_EQ(claimed.deliveries, 2u);
  EXPECT_NE(claim(SECOND).at(0).token, claimed.token) << "by the same consumer, too";
  EXPECT_EQ(pending(FIRST).at(0).consumer, "second");
  EXPECT_EQ(pending(FIRST).at(0).deliveries, 3u);
}

TEST_F(Deliveries, AreClaimedInPages) {
  for (const char* text : {"1", "2", "3", "4", "5"}) publish("orders", text);
  fetch(FIRST);
  const auto page = claim(SECOND, 0ms, StreamId::min(), 2);
  EXPECT_THAT(texts_of(page), ElementsAre("1", "2"));
  EXPECT_THAT(texts_of(claim(SECOND, 0ms, page.back().id, 100)), ElementsAre("3", "4", "5"));
}

TEST_F(Deliveries, StayWithWhoKeepsThem) {
  for (const char* text : {"1", "2"}) publish("orders", text);
  const auto deliveries = fetch(FIRST);
  clock_.advance(10s);
  const std::pair<StreamId, std::uint64_t> kept[] = {{deliveries.at(0).id, deliveries.at(0).token}};
  EXPECT_THAT(on_fiber([&] { return store().extend_leases(FIRST, kept); }).or_raise(), IsEmpty());
  EXPECT_THAT(texts_of(claim(SECOND, 10s)), ElementsAre("2"));
}

TEST_F(Deliveries, TellTheHeartBeatWhichAreLost) {
  for (const char* text : {"1", "2", "3"}) publish("orders", text);
  const auto deliveries = fetch(FIRST);
  claim(SECOND, 0ms, StreamId::min(), 1);
  settle(acknowledgement(FIRST, deliveries.at(1)));
  std::vector<std::pair<StreamId, std::uint64_t>> held;
  for (const auto& delivery : deliveries) held.emplace_back(delivery.id, delivery.token);
  EXPECT_THAT(on_fiber([&] { return store().extend_leases(FIRST, held); }).or_raise(),
              ElementsAre(deliveries.at(0).id, deliveries.at(1).id));
}

TEST_F(Deliveries, ThatAreToBeRetriedStayPendingWithTheirTimeAndError) {
  publish("orders", "1");
  const auto delivery = fetch(FIRST).at(0);
  EXPECT_EQ(record_attempt(FIRST, delivery, 1), ErrorCode::internal);
  const TimePoint at = clock_.now() + 30s;
  settle(retry(FIRST, delivery, at, 1, "the provider said no"));

  const auto info = pending(FIRST).at(0);
  EXPECT_EQ(info.retry_at, at);
  EXPECT_EQ(info.attempts, 1u);
  EXPECT_EQ(info.last_error, "the provider said no");
  EXPECT_EQ(group_info(FIRST).pending, 1u);

  for (const bool restart : {false, true}) {
    if (restart) reopen();
    const auto claimed = claim(SECOND).at(0);
    EXPECT_EQ(claimed.retry_at, at);
    EXPECT_EQ(claimed.attempts, 1u);
    EXPECT_EQ(claimed.last_error, "the provider said no");
  }
}

TEST_F(Deliveries, ThatAreToBeRetriedKeepTheirTokenForTheNextRun) {
  publish("orders", "1");
  const auto delivery = fetch(FIRST).at(0);
  settle(retry(FIRST, delivery, clock_.now() + 1s, 1, "no"));
  EXPECT_EQ(record_attempt(FIRST, delivery, 2), ErrorCode::internal);
  settle(acknowledgement(FIRST, delivery));
  EXPECT_THAT(pending(FIRST), IsEmpty());
}

TEST_F(Deliveries, CountTheAttemptsThatAreRecorded) {
  publish("orders", "1");
  const auto delivery = fetch(FIRST).at(0);
  EXPECT_EQ(record_attempt(FIRST, delivery, 1), ErrorCode::internal);
  EXPECT_EQ(record_attempt(FIRST, delivery, 2), ErrorCode::internal);
  EXPECT_EQ(pending(FIRST).at(0).attempts, 2u);
  EXPECT_EQ(record_attempt(FIRST, delivery, 1), ErrorCode::internal) << "a run that was stopped from outside";
  EXPECT_EQ(claim(SECOND).at(0).attempts, 1u);
}

TEST_F(Deliveries, MayBeMadeToRunAtOnceByAnotherRetry) {
  publish("orders", "1");
  const auto delivery = fetch(FIRST).at(0);
  settle(retry(FIRST, delivery, clock_.now() + 1h, 3, "no"));
  settle(retry(FIRST, delivery, clock_.now(), 0, ""));
  EXPECT_EQ(pending(FIRST).at(0).retry_at, clock_.now());
  EXPECT_EQ(pending(FIRST).at(0).attempts, 0u);
}

TEST_F(Deliveries, OfErasedEntriesAreDroppedAtTheNextClaim) {
  const StreamId first = publish("orders", "1");
  publish("orders", "2");
  fetch(FIRST);
  const StreamId ids[] = {first, StreamId{1, 1}};
  EXPECT_EQ(on_fiber([&] { return store().erase_entries("orders", ids); }).or_raise(), 1u);
  EXPECT_THAT(texts_of(claim(SECOND)), ElementsAre("2"));
  EXPECT_EQ(pending(FIRST).size(), 1u);
}

TEST_F(Deliveries, PassOverEntriesErasedBeforeTheyWereHandedOver) {
  publish("orders", "1");
  const StreamId ids[] = {publish("orders", "2")};
  publish("orders", "3");
  on_fiber([&] { return store().erase_entries("orders", ids); }).or_raise();
  EXPECT_EQ(group_info(FIRST).lag, 2u);
  EXPECT_THAT(texts_of(fetch(FIRST)), ElementsAre("1", "3"));
  EXPECT_EQ(group_info(FIRST).lag, 0u);
}

TEST_F(Deliveries, AreListedAsPendingInPagesOldestFirst) {
  for (const char* text : {"1", "2", "3"}) publish("orders", text);
  const auto deliveries = fetch(FIRST);
  clock_.advance(7s);
  const auto page = on_fiber([&] { return store().pending("orders", "stock", deliveries.at(0).id, 1); }).or_raise();
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page.at(0).id, deliveries.at(1).id);
  EXPECT_EQ(page.at(0).consumer, "first");
  EXPECT_EQ(page.at(0).idle, 7s);
  EXPECT_EQ(page.at(0).deliveries, 1u);
}

}  // namespace
}  // namespace tidemark::conformance
