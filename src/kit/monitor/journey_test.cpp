#include "kit/monitor/journey.hpp"

#include <gtest/gtest.h>

#include <map>

namespace tidemark::kit {
namespace {

using std::chrono::microseconds;

constexpr telemetry::TraceId TRACE{1, 2};
constexpr std::int64_t START_MS = 1'700'000'000'000;

Moment at(std::int64_t us) { return Moment{std::chrono::milliseconds{START_MS}} + microseconds{us}; }
StreamId entry_at(std::uint64_t ms) { return {static_cast<std::uint64_t>(START_MS) + ms, 0}; }

RunRecord run(RunKind kind, std::uint64_t span, std::uint64_t parent, std::int64_t start_us) {
  RunRecord run;
  run.trace = {TRACE, {span}, false};
  run.parent = {parent};
  run.kind = kind;
  run.detailed = true;
  run.start = at(start_us);
  run.until_commit = microseconds{100};
  run.duration = microseconds{500};
  return run;
}

RunRecord request(std::uint64_t span, std::int64_t start_us) {
  auto record = run(RunKind::request, span, 0, start_us);
  record.service = "payments";
  record.name = "POST /orders";
  return record;
}

RunRecord handler(std::string topic, std::string ce_id, std::uint64_t span, std::uint64_t parent,
                  std::int64_t start_us) {
  auto record = run(RunKind::handler, span, parent, start_us);
  record.service = "inventory";
  record.name = std::move(topic);
  record.group = "inventory";
  record.ce_id = std::move(ce_id);
  record.entry = entry_at(1);
  return record;
}

model::Entry entry(std::uint64_t ms, const std::string& ce_id, std::uint64_t publisher) {
  model::Entry entry{entry_at(ms), {}};
  entry.fields.add("order_id", "7");
  entry.fields.add("ce_id", ce_id);
  entry.fields.add("ce_type", "OrderPlaced");
  entry.fields.add("ce_source", "/payments");
  entry.fields.add("ce_subject", "7");
  entry.fields.add("ce_traceparent", telemetry::Traceparent{telemetry::TraceContext{TRACE, {publisher}, false}}.view());
  return entry;
}

std::vector<RememberedTrace> remembered(std::vector<RunRecord> runs) {
  RememberedTrace trace{.number = 1, .id = TRACE};
  for (auto& record : runs) trace.runs.push_back(std::make_shared<const RunRecord>(std::move(record)));
  return {std::move(trace)};
}

std::vector<std::string> kinds(const Journey& journey) {
  std::vector<std::string> all;
  for (const auto& step : journey.steps) all.push_back(step.kind);
  return all;
}

constexpr TimePoint NOW{std::chrono::milliseconds{START_MS + 60'000}};

TEST(Journey, TellsOfRequestEventAndRunInTheirOrder) {
  auto placed = request(10, 0);
  placed.lsn = Lsn{5};
  placed.published.push_back({.topic = "order_placed", .ce_id = "E1", .type = "OrderPlaced", .key = "7"});
  placed.documents.push_back({.collection = "payments.orders", .id = "7", .version = 1, .after = R"({"id":"7"})"});
  const auto journey = journey_of(remembered({handler("order_placed", "E1", 11, 10, 2000), std::move(placed)}),
                                  {found_event("order_placed", entry(1, "E1", 10), false)}, NOW);
  EXPECT_TRUE(journey.complete);
  EXPECT_EQ(journey.outcome, "ok");
  EXPECT_EQ(journey.trace_id, TRACE.text());
  ASSERT_EQ(kinds(journey), (std::vector<std::string>{"request", "event", "run"}));

  const auto& first = journey.steps[0];
  EXPECT_EQ(first.name, "POST /orders");
  EXPECT_EQ(first.service, "payments");
  EXPECT_EQ(first.lsn, 5u);
  EXPECT_EQ(first.duration_ms, 0.5);
  EXPECT_EQ(first.parent_span_id, std::nullopt);
  ASSERT_EQ(first.documents.size(), 1u);
  EXPECT_FALSE(first.documents[0].before);
  EXPECT_EQ(first.documents[0].after->text, R"({"id":"7"})");

  const auto& event = journey.steps[1];
  EXPECT_EQ(event.topic, "order_placed");
  EXPECT_EQ(event.entry_id, entry_at(1).text());
  EXPECT_EQ(event.service, "payments");
  EXPECT_EQ(event.span_id, first.span_id);
  EXPECT_EQ(event.key, "7");
  EXPECT_DOUBLE_EQ(event.offset_ms, 0.1);

  const auto& handled = journey.steps[2];
  EXPECT_EQ(handled.parent_span_id, first.span_id);
  EXPECT_EQ(handled.attempt, 1u);
  EXPECT_DOUBLE_EQ(handled.offset_ms, 2);
}

TEST(Journey, TellsOfEventsAloneWhenNoRunIsRemembered) {
  const auto journey = journey_of({}, {found_event("order_placed", entry(1, "E1", 10), false)}, NOW);
  EXPECT_FALSE(journey.complete);
  EXPECT_EQ(journey.outcome, "unknown");
  ASSERT_EQ(kinds(journey), (std::vector<std::string>{"event"}));
  EXPECT_EQ(journey.steps[0].at, (TimePoint{std::chrono::milliseconds{START_MS + 1}}));
  EXPECT_EQ(journey.steps[0].service, "payments");
}

TEST(Journey, IsNotCompleteWhenAnEventsPublisherIsForgotten) {
  const auto journey = journey_of(remembered({handler("order_placed", "E1", 11, 10, 2000)}), {}, NOW);
  EXPECT_FALSE(journey.complete);
  ASSERT_EQ(kinds(journey), (std::vector<std::string>{"event", "run"}));
  EXPECT_EQ(journey.steps[0].entry_id, std::nullopt);  // where the run's entry stands may be an inbox
}

TEST(Journey, IsCompleteForAnEventThatWasWrittenByHand) {
  model::Entry by_hand{entry_at(1), {}};
  by_hand.fields.add("order_id", "7");
  const auto found = found_event("order_placed", by_hand, false);
  EXPECT_TRUE(found.trace.trace);
  auto handled = handler("order_placed", "", 11, 0, 2000);
  handled.trace.trace = found.trace.trace;
  const auto journey = journey_of(remembered({std::move(handled)}), {found}, NOW);
  EXPECT_TRUE(journey.complete);
  EXPECT_EQ(kinds(journey), (std::vector<std::string>{"event", "run"}));
}

TEST(Journey, TellsOfAnEventOnceThoughItIsFoundTwice) {
  auto placed = request(10, 0);
  placed.published.push_back({.topic = "order_placed", .ce_id = "E1", .type = "OrderPlaced", .key = "7"});
  const auto found = found_event("order_placed", entry(1, "E1", 10), false);
  const auto journey = journey_of(remembered({std::move(placed)}), {found, found}, NOW);
  EXPECT_EQ(kinds(journey), (std::vector<std::string>{"request", "event"}));
}

TEST(Journey, CallsWhatFailedAndWasThenDoneOk) {
  auto failed = handler("order_placed", "E1", 11, 10, 2000);
  failed.outcome = RunOutcome::failed;
  failed.error = "no luck";
  auto done = handler("order_placed", "E1", 12, 10, 9000);
  done.attempt = 2;
  EXPECT_EQ(outcome_of(remembered({failed})[0].runs), "retrying");
  const auto journey = journey_of(remembered({failed, done}), {}, NOW);
  EXPECT_EQ(journey.outcome, "ok");
  ASSERT_EQ(kinds(journey), (std::vector<std::string>{"event", "run", "run"}));
  EXPECT_EQ(journey.steps[1].error, "no luck");
  EXPECT_EQ(journey.steps[1].outcome, "failed");
  EXPECT_EQ(journey.steps[2].outcome, "ok");
}

TEST(Journey, ShowsTheDeadLetter) {
  auto buried = handler("order_placed", "E1", 11, 10, 2000);
  buried.outcome = RunOutcome::buried;
  auto letter = entry(8, "E1", 10);
  letter.fields.add("dl_id", entry_at(1).text());
  letter.fields.add("dl_error", "no luck");
  letter.fields.add("dl_attempts", "5");
  const auto journey =
      journey_of(remembered({std::move(buried)}), {found_event("order_placed.inventory.dead", letter, true)}, NOW);
  EXPECT_EQ(journey.outcome, "dead_letter");
  ASSERT_EQ(kinds(journey), (std::vector<std::string>{"event", "run", "dead_letter"}));
  EXPECT_EQ(journey.steps[2].error, "no luck");
  EXPECT_EQ(journey.steps[2].attempt, 5u);
  EXPECT_EQ(journey_of({}, {found_event("order_placed.inventory.dead", letter, true)}, NOW).outcome, "dead_letter");
}

TEST(Journey, SaysWhatBecameOfATimer) {
  auto setting = request(10, 0);
  const auto due = [](std::int64_t ms) { return TimePoint{std::chrono::milliseconds{START_MS + ms}}; };
  setting.published.push_back({.topic = "later", .ce_id = "T1", .type = "Later", .due = due(1000), .timer = "n1"});
  setting.published.push_back({.topic = "later", .ce_id = "T2", .type = "Later", .due = due(2000), .timer = "n2"});
  setting.published.push_back({.topic = "later", .ce_id = "T3", .type = "Later", .due = due(90'000), .timer = "n3"});
  auto cancelling = handler("later", "T1", 11, 10, 1'500'000);
  cancelling.cancelled_timers.push_back("n2");
  const auto journey = journey_of(remembered({std::move(setting), std::move(cancelling)}), {}, NOW);
  std::map<std::string, std::string> outcomes;
  for (const auto& step : journey.steps)
    if (step.kind == "timer") outcomes[*step.ce_id] = step.outcome.value_or("");
  EXPECT_EQ(outcomes,
            (std::map<std::string, std::string>{{"T1", "published"}, {"T2", "cancelled"}, {"T3", "waiting"}}));
  EXPECT_NEAR(journey.steps[1].duration_ms.value_or(0), 999.9, 0.01);
}

// Where only topics tell of them: an answer says the time of what it answers.
TEST(Journey, OrdersEventsOfOneMillisecondByTheirCauses) {
  auto placed = entry(2, "E1", 10), answer = entry(2, "E2", 11);
  placed.fields.add("ce_time", "2023-11-14T22:13:20.001Z");
  answer.fields.add("ce_time", "2023-11-14T22:13:20.002Z");
  const auto journey =
      journey_of({}, {found_event("accepted", answer, false), found_event("order_placed", placed, false)}, NOW);
  ASSERT_EQ(journey.steps.size(), 2u);
  EXPECT_EQ(journey.steps[0].name, "order_placed");
  EXPECT_EQ(journey.steps[1].name, "accepted");
}

TEST(Journey, ToldByIdsBeyondAllTimesEndsWithTime) {
  for (const std::uint64_t ms : {UINT64_MAX, std::uint64_t{1} << 63, (std::uint64_t{1} << 63) - 1}) {
    auto late = entry(1, "E1", 10);
    late.id = StreamId{ms, 0};
    const auto journey = journey_of({}, {found_event("order_placed", late, false)}, NOW);
    ASSERT_EQ(journey.steps.size(), 1u);
    EXPECT_EQ(journey.steps[0].at, TimePoint{std::chrono::milliseconds{253'402'300'799'999}}) << ms;
  }
}

TEST(Journey, IsSummedUpInALine) {
  auto placed = request(10, 0);
  placed.published.push_back({.topic = "order_placed", .ce_id = "E1", .type = "OrderPlaced", .key = "7"});
  const auto summary = summary_of(remembered({handler("order_placed", "E1", 11, 10, 2000), std::move(placed)})[0]);
  EXPECT_EQ(summary.trace_id, TRACE.text());
  EXPECT_EQ(summary.name, "POST /orders");
  EXPECT_EQ(summary.service, "payments");
  EXPECT_EQ(summary.services, (std::vector<std::string>{"inventory", "payments"}));
  EXPECT_EQ(summary.steps, 3u);
  EXPECT_DOUBLE_EQ(summary.duration_ms, 2.5);
  EXPECT_EQ(summary.outcome, "ok");
}

}  // namespace
}  // namespace tidemark::kit
