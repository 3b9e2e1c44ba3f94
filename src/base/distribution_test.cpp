#include "base/distribution.hpp"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(Distribution, CountsAValueWhereItIsAtMostTheBound) {
  DistributionCounter counter{{1, 2, 4}};
  for (const double value : {0.5, 1.0, 1.5, 2.0, 4.0, 4.5, 100.0}) counter.add(value);
  const auto seen = counter.look();
  EXPECT_EQ(seen.bounds, (std::vector<double>{1, 2, 4}));
  EXPECT_EQ(seen.cumulative, (std::vector<std::uint64_t>{2, 4, 5, 7}));
  EXPECT_EQ(seen.count(), 7u);
  EXPECT_DOUBLE_EQ(seen.sum, 113.5);
}

TEST(Distribution, OfNothingIsAllZero) {
  const auto seen = DistributionCounter{{1}}.look();
  EXPECT_EQ(seen.cumulative, (std::vector<std::uint64_t>{0, 0}));
  EXPECT_EQ(seen.count(), 0u);
  EXPECT_EQ(Distribution{}.count(), 0u);
}

}  // namespace
}  // namespace tidemark
