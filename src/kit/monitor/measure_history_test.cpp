#include "kit/monitor/measure_history.hpp"

#include <gtest/gtest.h>

namespace tidemark::kit {
namespace {

TimePoint at(std::int64_t ms) { return TimePoint{std::chrono::milliseconds{ms}}; }

TEST(MeasureHistory, KeepsEachMeasureBesideTheMoments) {
  MeasureHistory history;
  double rate = 1;
  std::optional<double> latency;
  history.add("rate", [&] { return rate; });
  history.add("latency", [&] { return latency; });
  history.sample(at(0));
  rate = 2;
  latency = 7;
  history.sample(at(5000));
  const auto hour = history.hour();
  EXPECT_EQ(hour.at, (std::vector{at(0), at(5000)}));
  ASSERT_EQ(hour.measures.size(), 2u);
  EXPECT_EQ(hour.measures[0].name, "rate");
  EXPECT_EQ(hour.measures[0].values, (std::vector<std::optional<double>>{1, 2}));
  EXPECT_EQ(hour.measures[1].values, (std::vector<std::optional<double>>{std::nullopt, 7}));
}

TEST(MeasureHistory, ForgetsWhatIsOlderThanAnHour) {
  MeasureHistory history;
  double value = 0;
  history.add("value", [&] { return value; });
  for (; value < 1000; ++value) history.sample(at(static_cast<std::int64_t>(value) * 5000));
  const auto hour = history.hour();
  ASSERT_EQ(hour.at.size(), MeasureHistory::POINTS_MAX);
  ASSERT_EQ(hour.measures[0].values.size(), MeasureHistory::POINTS_MAX);
  EXPECT_EQ(hour.at.back() - hour.at.front(), std::chrono::hours{1} - MeasureHistory::EVERY);
  EXPECT_EQ(hour.measures[0].values.back(), 999);
}

}  // namespace
}  // namespace tidemark::kit
