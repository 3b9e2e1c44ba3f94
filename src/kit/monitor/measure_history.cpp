#include "kit/monitor/measure_history.hpp"

#include <cmath>

namespace tidemark::kit {

void MeasureHistory::add(std::string name, Measure measure) {
  measures_.push_back({std::move(name), std::move(measure), {}});
}

void MeasureHistory::sample(TimePoint now) {
  std::vector<double> values;
  for (const auto& measure : measures_) values.push_back(measure.measure().value_or(NOTHING));
  const std::lock_guard lock{mutex_};
  at_.push_back(now);
  for (std::size_t i = 0; i < measures_.size(); ++i) measures_[i].values.push_back(values[i]);
  if (at_.size() <= POINTS_MAX) return;
  at_.pop_front();
  for (auto& measure : measures_) measure.values.pop_front();
}

MeasureHistory::Hour MeasureHistory::hour() const {
  const std::lock_guard lock{mutex_};
  Hour hour{.at = {at_.begin(), at_.end()}, .measures = {}};
  for (const auto& measure : measures_) {
    auto& values = hour.measures.emplace_back(Hour::Values{measure.name, {}}).values;
    for (const double value : measure.values)
      values.push_back(std::isfinite(value) ? std::optional{value} : std::nullopt);
  }
  return hour;
}

}  // namespace tidemark::kit
