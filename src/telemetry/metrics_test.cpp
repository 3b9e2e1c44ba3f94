#include "telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace tidemark::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, exposes_counters_with_their_labels) {
  Metrics metrics;
  metrics.counter("requests_total", "Requests answered.", {{"service", "inventory"}}).add(3);
  metrics.counter("requests_total", "Requests answered.", {{"service", "payments"}}).add();
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("# HELP requests_total Requests answered.\n# TYPE requests_total counter\n"));
  EXPECT_THAT(text, HasSubstr("requests_total{service=\"inventory\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("requests_total{service=\"payments\"} 1\n"));
}

TEST(Metrics, escapes_label_values) {
  Metrics metrics;
  metrics.gauge("g", "", {{"path", "a\"b\\c\nd"}}).set(1);
  EXPECT_THAT(metrics.expose(), HasSubstr(R"(g{path="a\"b\\c\nd"} 1)"));
}

TEST(Metrics, is_the_same_metric_for_the_same_name_and_labels_in_any_order) {
  Metrics metrics;
  Counter& one = metrics.counter("c", "", {{"a", "1"}, {"b", "2"}});
  Counter& two = metrics.counter("c", "", {{"b", "2"}, {"a", "1"}});
  EXPECT_EQ(&one, &two);
}

TEST(Metrics, counts_into_cumulative_buckets) {
  Metrics metrics;
  Histogram& histogram = metrics.histogram("took_seconds", "Time taken.", {}, {0.1, 1});
  histogram.observe(0.1);
  histogram.observe(0.5);
  histogram.observe(7);
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_count 3\n"));
  EXPECT_THAT(text, HasSubstr("took_seconds_sum 7.6"));
}

TEST(Metrics, asks_the_collectors_each_time) {
  Metrics metrics;
  double value = 1;
  metrics.collect([&] {
    return std::vector<Sample>{{"depth", "Entries.", false, {{"topic", "a"}}, value},
                               {"depth", "Entries.", false, {{"topic", "b"}}, 9}};
  });
  EXPECT_THAT(metrics.expose(), HasSubstr("depth{topic=\"a\"} 1\n"));
  value = 2;
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("depth{topic=\"a\"} 2\n"));
  EXPECT_EQ(text.find("# TYPE depth"), text.rfind("# TYPE depth"));
}

TEST(Metrics, shows_a_histogram_that_a_collector_keeps) {
  Metrics metrics;
  DistributionCounter sizes{{1, 8}};
  for (const double size : {1.0, 5.0, 9.0}) sizes.add(size);
  metrics.collect(
      [&] { return std::vector<Sample>{{.name = "sync_commits", .help = "Sizes.", .distribution = sizes.look()}}; });
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("# TYPE sync_commits histogram\n"));
  EXPECT_THAT(text, HasSubstr("sync_commits_bucket{le=\"1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sync_commits_bucket{le=\"8\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("sync_commits_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("sync_commits_sum 15\n"));
  EXPECT_THAT(text, HasSubstr("sync_commits_count 3\n"));
}

TEST(Metrics, refuses_one_name_for_two_kinds) {
  Metrics metrics;
  metrics.counter("c", "");
  EXPECT_THROW(metrics.gauge("c", ""), std::logic_error);
}

TEST(Metrics, loses_no_count_of_any_thread) {
  Metrics metrics;
  Counter& counter = metrics.counter("c", "");
  Histogram& histogram = metrics.histogram("h", "");
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) {
        counter.add();
        histogram.observe(0.001);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 120'000U);
  EXPECT_EQ(histogram.snapshot().cumulative.back(), 120'000U);
}

}  // namespace
}  // namespace tidemark::telemetry
