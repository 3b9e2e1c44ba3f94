#include "kit/dispatch/retry.hpp"

#include <gtest/gtest.h>

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;

TEST(RetryDelay, DoublesUpToTheLimitAndTakesOffAtMostHalf) {
  const Retry retry{.attempts = 20, .first = 100ms, .at_most = 1s};
  Random random{42};
  for (int round = 0; round < 200; ++round) {
    const Duration full[] = {100ms, 200ms, 400ms, 800ms, 1s, 1s};
    for (std::uint32_t attempt = 1; attempt <= 6; ++attempt) {
      const auto delay = retry_delay(retry, attempt, random);
      EXPECT_LE(delay, full[attempt - 1]);
      EXPECT_GE(delay, full[attempt - 1] / 2);
    }
  }
}

TEST(RetryDelay, SpreadsWhatFailedTogether) {
  const Retry retry{.first = 1s, .at_most = 1s};
  Random random{7};
  const auto first = retry_delay(retry, 1, random);
  bool differs = false;
  for (int i = 0; i < 20; ++i) differs = differs || retry_delay(retry, 1, random) != first;
  EXPECT_TRUE(differs);
}

TEST(RetryDelay, StaysAtTheLimitForAnyNumberOfAttempts) {
  Random random{1};
  EXPECT_LE(retry_delay({.first = 1ms, .at_most = 24h}, 4'000'000'000u, random), 24h);
}

}  // namespace
}  // namespace tidemark::kit
