#include "kit/monitor/activity.hpp"

#include <gtest/gtest.h>

namespace tidemark::kit {
namespace {

struct Sampled {
  VirtualClock clock;
  telemetry::Metrics metrics;
  Activity activity{metrics, clock};

  void second() {
    clock.advance(Duration{1000});
    activity.sample();
  }
};

TEST(Activity, SaysByHowMuchACounterRisesInASecond) {
  Sampled at;
  auto& counter = at.metrics.counter("events_total", "");
  for (int i = 0; i < 30; ++i) {
    counter.add(7);
    at.second();
  }
  EXPECT_DOUBLE_EQ(at.activity.rate("events_total"), 7);
}

TEST(Activity, ForgetsAfterTenSeconds) {
  Sampled at;
  auto& counter = at.metrics.counter("events_total", "");
  at.second();
  counter.add(100);
  at.second();
  EXPECT_GT(at.activity.rate("events_total"), 0);
  for (int i = 0; i < 10; ++i) at.second();
  EXPECT_EQ(at.activity.rate("events_total"), 0);
  EXPECT_EQ(at.activity.value("events_total"), 100);
}

TEST(Activity, CountsWhatANewCounterHadWhenItWasFirstSeen) {
  Sampled at;
  at.second();
  at.metrics.counter("events_total", "").add(5);
  at.second();
  EXPECT_DOUBLE_EQ(at.activity.rate("events_total"), 5);
}

TEST(Activity, SumsAllThatHaveTheLabels) {
  Sampled at;
  auto& ok = at.metrics.counter("requests_total", "", {{"service", "a"}, {"status", "200"}});
  auto& bad = at.metrics.counter("requests_total", "", {{"service", "a"}, {"status", "500"}});
  auto& other = at.metrics.counter("requests_total", "", {{"service", "b"}, {"status", "200"}});
  for (int i = 0; i < 20; ++i) {
    ok.add(3);
    bad.add(1);
    other.add(10);
    at.second();
  }
  EXPECT_DOUBLE_EQ(at.activity.rate("requests_total", {{"service", "a"}}), 4);
  EXPECT_DOUBLE_EQ(at.activity.rate("requests_total", {{"status", "500"}}), 1);
  EXPECT_DOUBLE_EQ(at.activity.rate("requests_total"), 14);
  EXPECT_DOUBLE_EQ(at.activity.rate("requests_total", {{"service", "c"}}), 0);
  EXPECT_DOUBLE_EQ(at.activity.rate("nothing_total"), 0);
}

TEST(Activity, TakesCountsThatAreNoMetric) {
  Sampled at;
  at.activity.note("entries", {{"topic", "orders"}}, 1'000'000);
  EXPECT_EQ(at.activity.rate("entries", {{"topic", "orders"}}), 0);
  at.clock.advance(Duration{2000});
  at.activity.note("entries", {{"topic", "orders"}}, 1'000'010);
  EXPECT_DOUBLE_EQ(at.activity.rate("entries", {{"topic", "orders"}}), 5);
}

TEST(Activity, TakesACounterThatBeganAnewForOneThatRests) {
  Sampled at;
  at.activity.note("entries", {}, 1000);
  at.clock.advance(Duration{1000});
  at.activity.note("entries", {}, 3);
  EXPECT_EQ(at.activity.rate("entries"), 0);
}

TEST(Activity, SaysBelowWhatAShareOfAHistogramLies) {
  Sampled at;
  auto& seconds = at.metrics.histogram("seconds", "", {{"group", "g"}}, {0.1, 0.2, 0.4});
  at.second();
  EXPECT_EQ(at.activity.quantile("seconds", {}, 0.5), std::nullopt);
  for (int i = 0; i < 98; ++i) seconds.observe(0.15);
  seconds.observe(0.3);
  seconds.observe(7);
  at.second();
  EXPECT_NEAR(at.activity.quantile("seconds", {{"group", "g"}}, 0.49).value(), 0.15, 0.001);
  EXPECT_NEAR(at.activity.quantile("seconds", {}, 0.99).value(), 0.4, 0.001);
  EXPECT_NEAR(at.activity.quantile("seconds", {}, 1).value(), 0.4, 0.001);  // the highest bound that there is
  EXPECT_EQ(at.activity.quantile("seconds", {{"group", "h"}}, 0.5), std::nullopt);
  EXPECT_EQ(at.activity.count("seconds", {}, Activity::Window::ten_seconds), 100u);
}

TEST(Activity, TellsTheMeanOfTheLastSeconds) {
  Sampled at;
  auto& sizes = at.metrics.histogram("sizes", "", {}, {1, 8});
  at.second();
  EXPECT_EQ(at.activity.mean("sizes"), std::nullopt);
  for (const double size : {2.0, 3.0, 7.0}) sizes.observe(size);
  at.second();
  EXPECT_DOUBLE_EQ(at.activity.mean("sizes").value(), 4);
  for (int i = 0; i < 30; ++i) at.second();
  EXPECT_EQ(at.activity.mean("sizes"), std::nullopt);
}

TEST(Activity, TakesHistogramsThatACollectorKeeps) {
  Sampled at;
  DistributionCounter seconds{{0.1, 0.2, 0.4}};
  at.metrics.collect([&] {
    return std::vector<telemetry::Sample>{
        {.name = "sync_seconds", .help = "", .labels = {{"disk", "a"}}, .distribution = seconds.look()}};
  });
  seconds.add(0.3);  // before the first look
  at.second();
  EXPECT_NEAR(at.activity.quantile("sync_seconds", {}, 1).value(), 0.4, 0.001);
  for (int i = 0; i < 20; ++i) at.second();
  for (int i = 0; i < 100; ++i) seconds.add(0.15);
  at.second();
  EXPECT_NEAR(at.activity.quantile("sync_seconds", {{"disk", "a"}}, 0.5).value(), 0.15, 0.001);
  EXPECT_EQ(at.activity.count("sync_seconds", {}, Activity::Window::ten_seconds), 100u);
  EXPECT_NEAR(at.activity.mean("sync_seconds").value(), 0.15, 1e-9);
  EXPECT_EQ(at.activity.quantile("sync_seconds", {{"disk", "b"}}, 0.5), std::nullopt);
}

TEST(Activity, GoesBackToTheLastMinuteWhenTheLastSecondsHaveNothing) {
  Sampled at;
  auto& seconds = at.metrics.histogram("seconds", "", {}, {1, 2});
  at.second();
  seconds.observe(0.5);
  for (int i = 0; i < 30; ++i) at.second();
  EXPECT_EQ(at.activity.count("seconds", {}, Activity::Window::ten_seconds), 0u);
  EXPECT_TRUE(at.activity.quantile("seconds", {}, 0.5));
  for (int i = 0; i < 60; ++i) at.second();
  EXPECT_FALSE(at.activity.quantile("seconds", {}, 0.5));
}

TEST(Activity, ReadsCollectorsToo) {
  Sampled at;
  double commits = 50;
  at.metrics.collect([&] {
    return std::vector<telemetry::Sample>{{.name = "commits_total", .help = "", .counter = true, .value = commits},
                                          {.name = "depth", .help = "", .value = 3}};
  });
  at.second();
  EXPECT_EQ(at.activity.rate("commits_total"), 0);
  commits = 60;
  at.second();
  EXPECT_DOUBLE_EQ(at.activity.rate("commits_total"), 10);
  EXPECT_EQ(at.activity.value("depth"), 3);
  EXPECT_EQ(at.activity.value("nothing"), std::nullopt);
}

// What was last known of an expired group once stayed on show for ever.
TEST(Activity, ForgetsWhatIsNoLongerNoted) {
  Sampled at;
  const telemetry::Labels stays{{"group", "stays"}}, ends{{"group", "ends"}};
  for (int i = 0; i < 30; ++i) {
    for (const auto& labels : {stays, ends}) at.activity.note("lag", labels, 5 + i);
    at.second();
  }
  EXPECT_EQ(at.activity.value("lag"), 68);
  EXPECT_GT(at.activity.rate("lag", ends), 0);
  for (int i = 0; i < 15; ++i) {
    at.activity.note("lag", stays, 7);
    at.second();
  }
  EXPECT_EQ(at.activity.value("lag"), 7);
  EXPECT_EQ(at.activity.value("lag", ends), std::nullopt);
  EXPECT_EQ(at.activity.rate("lag", ends), 0);
}

TEST(Activity, ForgetsWhatACollectorNoLongerSays) {
  Sampled at;
  std::vector<telemetry::Sample> said{{.name = "rows_total", .help = "", .counter = true, .value = 0}};
  at.metrics.collect([&] { return said; });
  for (int i = 0; i < 30; ++i) {
    if (!said.empty()) said[0].value += 10;
    at.second();
  }
  EXPECT_DOUBLE_EQ(at.activity.rate("rows_total"), 10);
  said.clear();
  for (int i = 0; i < 15; ++i) at.second();
  EXPECT_EQ(at.activity.rate("rows_total"), 0);
  EXPECT_EQ(at.activity.value("rows_total"), std::nullopt);
}

// A store behind a network is asked less often.
TEST(Activity, KeepsWhatIsSeldomNoted) {
  Sampled at;
  for (int i = 0; i < 5; ++i) {
    at.activity.note("entries", {}, i * 300);
    for (int second = 0; second < 30; ++second) at.second();
    EXPECT_EQ(at.activity.value("entries"), i * 300);
  }
  EXPECT_DOUBLE_EQ(at.activity.rate("entries"), 10);
}

TEST(Activity, MakesRoomForNewOnesByThoseThatAreOver) {
  Sampled at;
  for (std::size_t i = 0; i < Activity::SERIES_MAX; ++i) at.activity.note("lag", {{"group", std::to_string(i)}}, 1);
  at.activity.note("lag", {{"group", "one more"}}, 1);
  EXPECT_EQ(at.activity.value("lag", {{"group", "one more"}}), std::nullopt);
  for (int i = 0; i < 61; ++i) at.second();
  at.activity.note("lag", {{"group", "one more"}}, 1);
  EXPECT_EQ(at.activity.value("lag"), 1);
}

TEST(Activity, HasABoundForWhatItKeeps) {
  Sampled at;
  for (std::size_t i = 0; i < Activity::SERIES_MAX + 10; ++i)
    at.metrics.counter("many_total", "", {{"n", std::to_string(i)}}).add();
  at.second();
  at.second();
  EXPECT_EQ(at.activity.value("many_total"), static_cast<double>(Activity::SERIES_MAX));
}

}  // namespace
}  // namespace tidemark::kit
