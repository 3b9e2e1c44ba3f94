// MeasureHistory: the last hour of some measures, a point each 5 s. Memory: 720 points of 8 bytes for each measure.
#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tidemark/time.hpp"

namespace tidemark::kit {

class MeasureHistory {
 public:
  static constexpr Duration EVERY = std::chrono::seconds{5};
  static constexpr std::size_t POINTS_MAX = 720;

  // None, where there is nothing to measure.
  using Measure = std::function<std::optional<double>()>;

  // Before the first point; the measures are taken where sample() is called.
  void add(std::string name, Measure measure);

  // Takes a point; every so often.
  void sample(TimePoint now);

  // Parallel: the n-th value of each measure is of the n-th moment. Any thread.
  struct Hour {
    std::vector<TimePoint> at;
    struct Values {
      std::string name;
      std::vector<std::optional<double>> values;
    };
    std::vector<Values> measures;
  };
  Hour hour() const;

 private:
  static constexpr double NOTHING = std::numeric_limits<double>::quiet_NaN();

  struct Kept {
    std::string name;
    Measure measure;
    std::deque<double> values;
  };

  mutable std::mutex mutex_;
  std::deque<TimePoint> at_;
  std::vector<Kept> measures_;
};

}  // namespace tidemark::kit
