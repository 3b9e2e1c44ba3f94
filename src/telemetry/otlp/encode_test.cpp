#include "telemetry/otlp/encode.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tidemark::otlp {
namespace {

using telemetry::Span;
using telemetry::TraceContext;

Span example() {
  Span span;
  span.context = *TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  span.parent = {0xabc};
  span.kind = Span::Kind::consumer;
  span.service = "payments";
  span.name = "process order_placed";
  span.start = Moment{std::chrono::microseconds{1'700'000'000'000'001}};
  span.end = Moment{std::chrono::microseconds{1'700'000'000'000'501}};
  span.attributes = {{"messaging.system", "tidemark"}, {"tidemark.attempt", std::int64_t{2}}};
  span.events = {{span.end, "publish", {{"messaging.destination.name", "order_completed"}}}};
  span.failed = true;
  span.error = "the \"provider\" is away";
  return span;
}

TEST(Encode, WritesASpanAsOtlpsJsonHasIt) {
  const std::vector<Span> spans{example()};
  EXPECT_EQ(
      encode(spans, "host-1"),
      R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"payments"}},)"
      R"({"key":"service.instance.id","value":{"stringValue":"host-1"}}]},"scopeSpans":[{"scope":{"name":"tidemark"},)"
      R"("spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7",)"
      R"("parentSpanId":"0000000000000abc","flags":1,"name":"process order_placed","kind":5,)"
      R"("startTimeUnixNano":"1700000000000001000","endTimeUnixNano":"1700000000000501000",)"
      R"("attributes":[{"key":"messaging.system","value":{"stringValue":"tidemark"}},)"
      R"({"key":"tidemark.attempt","value":{"intValue":"2"}}],)"
      R"("events":[{"timeUnixNano":"1700000000000501000","name":"publish",)"
      R"("attributes":[{"key":"messaging.destination.name","value":{"stringValue":"order_completed"}}]}],)"
      R"("status":{"code":2,"message":"the \"provider\" is away"}}]}]}]})");
}

TEST(Encode, TellsHowManyEventsItLeavesOut) {
  auto span = example();
  EXPECT_EQ(encode({&span, 1}, "host-1").find("dropped"), std::string::npos);
  span.events_dropped = 7;
  EXPECT_NE(encode({&span, 1}, "host-1").find(R"("droppedEventsCount":7)"), std::string::npos);
}

TEST(Encode, GivesEachServiceItsOwnResource) {
  std::vector<Span> spans{example(), example(), example()};
  spans[1].service = "inventory";
  const auto text = encode(spans, "host-1");
  const auto count = [&](std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("\"resource\""), 2u);
  EXPECT_EQ(count("\"stringValue\":\"payments\""), 1u);
  EXPECT_EQ(count("\"stringValue\":\"inventory\""), 1u);
  EXPECT_EQ(count("\"traceId\""), 3u);
}

TEST(Encode, SaysNothingOfAParentOrAFailureThatIsNotThere) {
  std::vector<Span> spans{example()};
  spans[0].parent = {};
  spans[0].failed = false;
  spans[0].events.clear();
  const auto text = encode(spans, "host-1");
  for (const auto* absent : {"parentSpanId", "status", "events"})
    EXPECT_EQ(text.find(absent), std::string::npos) << text;
}

}  // namespace
}  // namespace tidemark::otlp
