#include "telemetry/otlp/exporter.hpp"

#include <gtest/gtest.h>

#include "telemetry/otlp/test_collector.hpp"

namespace tidemark::otlp {
namespace {

using namespace std::chrono_literals;

telemetry::Span span_named(std::string name) {
  telemetry::Span span;
  span.context = {telemetry::TraceId::random(), telemetry::SpanId::random(), true};
  span.service = "notes";
  span.name = std::move(name);
  return span;
}

struct Counts {
  explicit Counts(telemetry::Metrics& metrics) : metrics_{metrics} {}
  std::uint64_t exported() { return metrics_.counter("tidemark_trace_spans_exported_total", "").value(); }
  std::uint64_t failures() { return metrics_.counter("tidemark_trace_export_failures_total", "").value(); }
  std::uint64_t dropped(const char* reason) {
    return metrics_.counter("tidemark_trace_spans_dropped_total", "", {{"reason", reason}}).value();
  }

 private:
  telemetry::Metrics& metrics_;
};

template <class Condition>
[[nodiscard]] bool comes_about(const Condition& holds) {
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

std::size_t spans_in(const std::string& request) {
  std::size_t count = 0;
  for (auto at = request.find("\"spanId\""); at != request.npos; at = request.find("\"spanId\"", at + 1)) ++count;
  return count;
}

ExporterOptions quick(const Collector& collector) {
  ExporterOptions options;
  options.collector = collector;
  options.instance = "here";
  options.batch_every = 1ms;
  options.retry_first = 1ms;
  options.retry_last = 5ms;
  return options;
}

// Nobody listens there: the port was another's a moment ago.
Collector nobody() {
  const TestCollector gone;
  return gone.address();
}

TEST(Exporter, SendsAllThatIsOfferedInBatchesOfABoundedSize) {
  TestCollector collector;
  telemetry::Metrics metrics;
  Counts counts{metrics};
  auto options = quick(collector.address());
  options.batch_max = 100;
  Exporter exporter{options, metrics};
  for (int i = 0; i < 1000; ++i) exporter.offer(span_named("work " + std::to_string(i)));
  ASSERT_TRUE(comes_about([&] { return counts.exported() == 1000; }));
  std::size_t spans = 0;
  for (const auto& request : collector.requests()) {
    EXPECT_TRUE(request.starts_with("POST /v1/traces HTTP/1.1\r\n")) << request.substr(0, 100);
    EXPECT_LE(spans_in(request), 100u);
    spans += spans_in(request);
  }
  EXPECT_EQ(spans, 1000u);
}

TEST(Exporter, TriesAgainUntilACollectorThatWasBusyTakesIt) {
  TestCollector collector{{TestCollector::answer("503 Service Unavailable"),
                           TestCollector::answer("429 Too Many Requests", "Retry-After: 0\r\n"), "not HTTP\r\n\r\n"}};
  telemetry::Metrics metrics;
  Counts counts{metrics};
  Exporter exporter{quick(collector.address()), metrics};
  exporter.offer(span_named("work"));
  ASSERT_TRUE(comes_about([&] { return counts.exported() == 1; }));
  EXPECT_EQ(counts.failures(), 3u);
  const auto requests = collector.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(requests.front(), requests.back());
}

TEST(Exporter, DropsAndCountsWhatIsRefusedForGood) {
  TestCollector collector{
      {TestCollector::answer("400 Bad Request"),
       TestCollector::answer("200 OK", {}, R"({"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}})")}};
  telemetry::Metrics metrics;
  Counts counts{metrics};
  Exporter exporter{quick(collector.address()), metrics};
  exporter.offer(span_named("refused"));
  ASSERT_TRUE(comes_about([&] { return counts.dropped("refused") == 1; }));
  exporter.offer(span_named("rejected"));
  ASSERT_TRUE(comes_about([&] { return counts.dropped("refused") == 2; }));
  exporter.offer(span_named("taken"));
  ASSERT_TRUE(comes_about([&] { return counts.exported() == 1; }));
  EXPECT_EQ(collector.requests().size(), 3u) << "what was refused was sent again";
}

TEST(Exporter, DropsAndCountsWhatTheQueueHasNoRoomForWhileNobodyTakesIt) {
  telemetry::Metrics metrics;
  Counts counts{metrics};
  auto options = quick(nobody());
  options.spans_max = 100;
  options.batch_max = 10;
  {
    Exporter exporter{options, metrics};
    for (int i = 0; i < 500; ++i) exporter.offer(span_named("work"));
    ASSERT_TRUE(comes_about([&] { return counts.failures() > 2; }));
  }
  EXPECT_EQ(counts.exported(), 0u);
  EXPECT_GE(counts.dropped("queue_full"), 500u - 100u - 10u);
  EXPECT_EQ(counts.dropped("queue_full") + counts.dropped("shutdown"), 500u);
}

TEST(Exporter, SendsAtItsEndWhatStillWaits) {
  TestCollector collector;
  telemetry::Metrics metrics;
  Counts counts{metrics};
  auto options = quick(collector.address());
  options.batch_every = 1h;
  Exporter exporter{options, metrics};
  for (int i = 0; i < 10; ++i) exporter.offer(span_named("work"));
  exporter.finish(60s);
  EXPECT_EQ(counts.exported(), 10u);
  exporter.offer(span_named("too late"));
  EXPECT_EQ(counts.dropped("shutdown"), 1u);
}

TEST(Exporter, EndsInTimeThoughTheCollectorNeverAnswers) {
  TestCollector collector{{""}};
  telemetry::Metrics metrics;
  Counts counts{metrics};
  auto options = quick(collector.address());
  options.answer_within = 1h;
  Exporter exporter{options, metrics};
  exporter.offer(span_named("work"));
  ASSERT_TRUE(comes_about([&] { return collector.requests().size() == 1; }));
  exporter.offer(span_named("behind it"));
  exporter.finish(10ms);
  EXPECT_EQ(counts.dropped("shutdown"), 2u);
}

}  // namespace
}  // namespace tidemark::otlp
