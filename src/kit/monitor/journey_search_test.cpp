#include "kit/monitor/journey_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.hpp"
#include "base/ulid.hpp"
#include "kit/testing/test_bench.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint64_t START_MS = 1'700'000'000'000;
constexpr telemetry::TraceId TRACE{7, 7}, OTHER_TRACE{8, 8};

std::string traceparent(const telemetry::TraceId& trace) {
  return std::string{telemetry::Traceparent{telemetry::TraceContext{trace, {1}, false}}.view()};
}

std::string ulid_at(std::uint64_t ms) {
  Random random{ms};
  return make_ulid(TimePoint{std::chrono::milliseconds{static_cast<std::int64_t>(ms)}}, random);
}

class Searching : public ::testing::Test {
 protected:
  using Members = std::vector<std::pair<std::string, std::string>>;

  void append(const std::string& topic, std::uint64_t ms, const Members& members) {
    bench_.append(topic, members, StreamId{ms, next_++});
  }
  // Events of other traces, one each millisecond.
  void fill(const std::string& topic, std::uint64_t from_ms, std::uint64_t count) {
    constexpr std::uint64_t TOGETHER = 1000;
    for (std::uint64_t at = 0; at < count; at += TOGETHER) {
      model::Commit commit;
      for (std::uint64_t i = at; i < std::min(count, at + TOGETHER); ++i) {
        auto& event = commit.publications.emplace_back();
        event.topic = topic;
        event.id = StreamId{from_ms + i, next_++};
        event.fields.add("ce_id", "other-" + std::to_string(i));
        event.fields.add("ce_traceparent", traceparent(OTHER_TRACE));
      }
      static_cast<void>(bench_.store.commit(commit).or_raise());
    }
  }
  // Their topics and ids.
  std::vector<std::string> search(const std::string& id, const std::vector<RememberedTrace>& runs = {}) {
    std::vector<std::string> found;
    bench_.loop.run("search", [&] {
      JourneySearch search{bench_.store, {{"orders", false}, {"stock", false}, {"orders.shop.dead", true}}};
      for (const auto& event : search.run({.id = id, .runs = &runs})) found.push_back(event.topic + " " + event.ce_id);
    });
    std::ranges::sort(found);
    return found;
  }

  Service service_{"shop"};
  Bench bench_{service_};
  std::uint64_t next_ = 1;
};

using Found = std::vector<std::string>;

TEST_F(Searching, FindsWhatHasTheKeyAndAllElseOfItsTrace) {
  const auto order = ulid_at(START_MS + 100);
  fill("orders", START_MS, 50);
  append("stock", START_MS + 101, {{"ce_id", "first"}, {"ce_traceparent", traceparent(TRACE)}, {"product", "lamp"}});
  append("orders", START_MS + 102,
         {{"ce_id", "placed"}, {"ce_subject", order}, {"ce_traceparent", traceparent(TRACE)}});
  append("orders.shop.dead", START_MS + 90'000,
         {{"ce_id", "placed"}, {"dl_error", "x"}, {"ce_traceparent", traceparent(TRACE)}});
  fill("orders", START_MS + 200, 50);
  EXPECT_EQ(search(order), (Found{"orders placed", "orders.shop.dead placed", "stock first"}));
}

TEST_F(Searching, FindsAnEventByItsIdsAndByItsTrace) {
  const auto id = ulid_at(START_MS + 5);
  append("orders", START_MS + 5, {{"ce_id", id}, {"ce_traceparent", traceparent(TRACE)}});
  fill("orders", START_MS + 10, 10);
  const auto entry = StreamId{START_MS + 5, 1}.text();
  for (const auto& wanted : {id, entry, TRACE.text()}) EXPECT_EQ(search(wanted), (Found{"orders " + id})) << wanted;
}

TEST_F(Searching, FindsAnIdThatStandsInAMember) {
  append("stock", START_MS + 5, {{"ce_id", "e"}, {"order_id", "order-4711"}, {"ce_traceparent", traceparent(TRACE)}});
  append("stock", START_MS + 6, {{"ce_id", "f"}, {"quantity", "7"}, {"ce_traceparent", traceparent(OTHER_TRACE)}});
  EXPECT_EQ(search("order-4711"), (Found{"stock e"}));
  EXPECT_EQ(search("7"), Found{}) << "a short text stands in many members by chance";
}

TEST_F(Searching, FindsWhatWasWrittenByHand) {
  append("orders", START_MS + 5, {{"order_id", "order-4711"}});
  EXPECT_EQ(search("order-4711"), (Found{"orders "}));
}

TEST_F(Searching, LooksAroundTheTimeOfAnIdHoweverMuchCameLater) {
  fill("orders", START_MS, 600);
  const auto order = ulid_at(START_MS + 700);
  append("orders", START_MS + 700,
         {{"ce_id", "placed"}, {"ce_subject", order}, {"ce_traceparent", traceparent(TRACE)}});
  fill("orders", START_MS + 800, 30'000);
  bench_.store.reads = 0;
  EXPECT_EQ(search(order), (Found{"orders placed"}));
  EXPECT_LE(bench_.store.reads, 100);
}

TEST_F(Searching, LooksAtTheNewestWhereNothingTellsTheTime) {
  append("orders", START_MS, {{"ce_id", "old"}, {"ce_subject", "customer-1"}, {"ce_traceparent", traceparent(TRACE)}});
  fill("orders", START_MS + 100, JourneySearch::ENTRIES_MAX);
  append("orders", START_MS + 90'000,
         {{"ce_id", "new"}, {"ce_subject", "customer-1"}, {"ce_traceparent", traceparent({9, 9})}});
  EXPECT_EQ(search("customer-1"), (Found{"orders new"})) << "the old one is too far back";
}

TEST_F(Searching, LooksUpTheEventsOfRememberedRuns) {
  append("orders", START_MS, {{"ce_id", "placed"}, {"ce_traceparent", traceparent(TRACE)}});
  RunRecord run;
  run.kind = RunKind::handler;
  run.trace.trace = TRACE;
  run.name = "orders";
  run.entry = {START_MS, 1};
  run.ce_id = "placed";
  run.start = Moment{std::chrono::milliseconds{START_MS + 60'000}};  // much later than the event
  RememberedTrace trace{.number = 1, .id = TRACE};
  trace.runs.push_back(std::make_shared<const RunRecord>(run));
  EXPECT_EQ(search(TRACE.text(), {trace}), (Found{"orders placed"}));
}

TEST_F(Searching, FindsNothingInTopicsThatAreNotThere) { EXPECT_EQ(search("order-4711"), Found{}); }

TEST(TimeInAnId, HasBounds) {
  EXPECT_EQ(time_in("1700000000000-0"), TimePoint{std::chrono::milliseconds{START_MS}});
  for (const auto* beyond : {"9223372036854775807-0", "9223372036854775808-0", "18446744073709551615-0"})
    EXPECT_EQ(time_in(beyond), TimePoint{std::chrono::milliseconds{253'402'300'799'999}}) << beyond;
  EXPECT_EQ(time_in("99999999999999999999-0"), std::nullopt) << "no entry has such an id";
}

}  // namespace
}  // namespace tidemark::kit
