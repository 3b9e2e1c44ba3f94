#include "base/distribution.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace tidemark {

DistributionCounter::DistributionCounter(std::vector<double> bounds)
    : bounds_{std::move(bounds)}, counts_{std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1)} {}

void DistributionCounter::add(double value) noexcept {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Distribution DistributionCounter::look() const {
  Distribution seen{.bounds = bounds_, .cumulative = {}, .sum = sum_.load(std::memory_order_relaxed)};
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= bounds_.size(); ++i) {
    total += counts_[i].load(std::memory_order_relaxed);
    seen.cumulative.push_back(total);
  }
  return seen;
}

}  // namespace tidemark
