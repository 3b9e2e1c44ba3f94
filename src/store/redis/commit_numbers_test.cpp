#include "store/redis/commit_numbers.hpp"

#include <gtest/gtest.h>

namespace tidemark::store {
namespace {

using namespace std::chrono_literals;

const model::Partition FIRST{"suite", 0}, SECOND{"suite", 1};

TEST(CommitNumbers, RiseInEachPartitionByThemselves) {
  CommitNumbers numbers;
  EXPECT_EQ(numbers.next(FIRST, Instant{}).value, 1u);
  EXPECT_EQ(numbers.next(FIRST, Instant{}).value, 2u);
  EXPECT_EQ(numbers.next(SECOND, Instant{}).value, 1u);
}

TEST(CommitNumbers, ExtendTheSessionUntilItIsRecordedAndThenNowAndAgain) {
  CommitNumbers numbers;
  Instant now{};
  EXPECT_TRUE(numbers.next(FIRST, now).extends);
  EXPECT_TRUE(numbers.next(FIRST, now).extends) << "the first one may have been refused";
  numbers.note_recorded(FIRST);
  EXPECT_TRUE(numbers.is_recorded(FIRST));
  EXPECT_FALSE(numbers.is_recorded(SECOND));
  EXPECT_FALSE(numbers.next(FIRST, now).extends);
  now += SESSION_EXTENDED_AFTER;
  EXPECT_TRUE(numbers.next(FIRST, now).extends);
  EXPECT_FALSE(numbers.next(FIRST, now).extends);
  static_assert(SESSION_EXTENDED_AFTER * 3 < SESSION_LIVES, "it must not end in between");
}

}  // namespace
}  // namespace tidemark::store
