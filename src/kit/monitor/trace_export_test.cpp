#include "kit/monitor/trace_export.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;
using telemetry::Span;

std::string attribute(const Span& span, std::string_view name) {
  const auto at = std::ranges::find(span.attributes, name, &telemetry::Attribute::name);
  if (at == span.attributes.end()) return "(none)";
  if (const auto* text = std::get_if<std::string>(&at->value)) return *text;
  return std::to_string(std::get<std::int64_t>(at->value));
}

RunRecord handler_run() {
  RunRecord run;
  run.trace = *telemetry::TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  run.parent = {7};
  run.kind = RunKind::handler;
  run.service = "payments";
  run.name = "order_placed";
  run.group = "payments";
  run.entry = {1'700'000'000'000, 3};
  run.ce_id = "01HF7YAT00ABCDEFGHJKMNPQRS";
  run.key = "o-1";
  run.attempt = 2;
  run.start = Moment{1'700'000'000s};
  run.until_commit = 300us;
  run.duration = 500us;
  run.lsn = Lsn{42};
  run.published = {{"order_completed", "01HF7YAT01ABCDEFGHJKMNPQRS", "OrderCompleted", "o-1", std::nullopt, ""}};
  run.documents = {{"payments.order", "o-1", 2, "{}", "{}"}};
  return run;
}

TEST(TraceExport, ARunOfAHandlerIsAConsumersSpanWithItsCommitBelow) {
  const auto run = handler_run();
  const auto spans = spans_of(run);
  ASSERT_EQ(spans.size(), 2u);
  const auto &commit = spans[0], &own = spans[1];
  EXPECT_EQ(own.context, run.trace);
  EXPECT_EQ(own.parent, run.parent);
  EXPECT_EQ(own.kind, Span::Kind::consumer);
  EXPECT_EQ(own.name, "process order_placed");
  EXPECT_EQ(own.service, "payments");
  EXPECT_EQ(own.end - own.start, 500us);
  EXPECT_EQ(attribute(own, "messaging.system"), "tidemark");
  EXPECT_EQ(attribute(own, "messaging.destination.name"), "order_placed");
  EXPECT_EQ(attribute(own, "messaging.consumer.group.name"), "payments");
  EXPECT_EQ(attribute(own, "messaging.message.id"), run.ce_id);
  EXPECT_EQ(attribute(own, "tidemark.entry_id"), "1700000000000-3");
  EXPECT_EQ(attribute(own, "tidemark.attempt"), "2");
  EXPECT_EQ(attribute(own, "tidemark.key"), "o-1");
  EXPECT_FALSE(own.failed);
  ASSERT_EQ(own.events.size(), 2u);
  EXPECT_EQ(own.events[0].name, "publish");
  EXPECT_EQ(own.events[1].name, "put document");
  EXPECT_EQ(commit.parent, own.context.span);
  EXPECT_NE(commit.context.span, own.context.span);
  EXPECT_EQ(commit.end - commit.start, 200us);
  EXPECT_EQ(attribute(commit, "tidemark.lsn"), "42");
}

TEST(TraceExport, AFailedRunSaysWhyAndHadNoEffects) {
  auto run = handler_run();
  run.outcome = RunOutcome::buried;
  run.error = "the provider is away";
  const auto spans = spans_of(run);
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_TRUE(spans[0].failed);
  EXPECT_EQ(spans[0].error, "the provider is away");
  EXPECT_EQ(attribute(spans[0], "error.type"), "dead_letter");
  EXPECT_TRUE(spans[0].events.empty());
}

TEST(TraceExport, ARequestIsAServersSpan) {
  auto run = handler_run();
  run.kind = RunKind::request;
  run.name = "GET /orders/{id}";
  run.path = "/orders/o-1";
  run.status = 404;
  run.outcome = RunOutcome::rejected;
  run.lsn = {};
  const auto spans = spans_of(run);
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].kind, Span::Kind::server);
  EXPECT_EQ(spans[0].name, "GET /orders/{id}");
  EXPECT_EQ(attribute(spans[0], "http.request.method"), "GET");
  EXPECT_EQ(attribute(spans[0], "http.route"), "/orders/{id}");
  EXPECT_EQ(attribute(spans[0], "url.path"), "/orders/o-1");
  EXPECT_EQ(attribute(spans[0], "http.response.status_code"), "404");
  EXPECT_EQ(attribute(spans[0], "error.type"), "404");
  EXPECT_FALSE(spans[0].failed) << "a server's span fails by the server's own fault only";
}

struct Wanting final : RunObserver {
  explicit Wanting(bool all) : all_{all} {}
  bool wants(const telemetry::TraceContext&) override { return all_; }
  void ran(RunRecord&& record) override { keys.push_back(std::move(record.key)); }
  std::vector<std::string> keys;

 private:
  bool all_;
};

TEST(TraceExport, CountsTheEffectsThatAreTooManyToTell) {
  auto run = handler_run();
  run.documents.resize(200, run.documents.front());
  const auto own = spans_of(run).back();
  EXPECT_EQ(own.events.size(), 128u);
  EXPECT_EQ(own.events_dropped, 73u) << "one event and 200 documents";
}

TEST(TwoObservers, OfWhichTheSecondIsToldOnlyWhatItWants) {
  Wanting all{true}, none{false};
  EXPECT_TRUE((TwoObservers{all, &none}.wants({})));
  EXPECT_TRUE((TwoObservers{none, &all}.wants({})));
  EXPECT_FALSE((TwoObservers{none, nullptr}.wants({})));
  TwoObservers{all, &none}.ran(handler_run());
  TwoObservers{none, &all}.ran(handler_run());
  EXPECT_EQ(all.keys, (std::vector<std::string>{"o-1", "o-1"}));
  EXPECT_EQ(none.keys, (std::vector<std::string>{"o-1"}));
}

}  // namespace
}  // namespace tidemark::kit
