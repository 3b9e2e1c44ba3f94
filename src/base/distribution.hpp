// How values are spread over buckets: what a histogram shows.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace tidemark {

struct Distribution {
  std::vector<double> bounds;             // rising
  std::vector<std::uint64_t> cumulative;  // how many values were at most each bound; then, how many there were
  double sum = 0;                         // of all values

  std::uint64_t count() const { return cumulative.empty() ? 0 : cumulative.back(); }
};

// Counts values into a Distribution. One thread adds; any thread may look meanwhile.
class DistributionCounter {
 public:
  explicit DistributionCounter(std::vector<double> bounds);

  void add(double value) noexcept;
  // What was added before it is in it; of what is being added, perhaps only the count or the sum.
  Distribution look() const;

 private:
  const std::vector<double> bounds_;
  const std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;  // for each bound, then for what is above all
  std::atomic<double> sum_{0};
};

}  // namespace tidemark
