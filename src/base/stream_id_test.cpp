#include "base/stream_id.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tidemark {
namespace {

TEST(StreamId, ReadsBothParts) {
  EXPECT_EQ(*StreamId::parse("1700000000000-7"), (StreamId{1700000000000, 7}));
  EXPECT_EQ(*StreamId::parse("0-0"), StreamId::min());
  EXPECT_EQ(*StreamId::parse("18446744073709551615-18446744073709551615"), StreamId::max());
}

TEST(StreamId, TakesTheMissingSequenceFromTheCaller) {
  EXPECT_EQ(*StreamId::parse("5"), (StreamId{5, 0}));
  EXPECT_EQ(*StreamId::parse("5", UINT64_MAX), (StreamId{5, UINT64_MAX}));
}

TEST(StreamId, RefusesWhatIsNoId) {
  for (const char* text : {"", "-", "5-", "-5", "a", "5-a", "5-1-1", " 5-1", "5-1 ", "+5-1", "5--1", "0x5-1",
                           "18446744073709551616-0", "0-18446744073709551616"}) {
    const auto id = StreamId::parse(text);
    ASSERT_FALSE(id) << text;
    EXPECT_EQ(id.error().code, ErrorCode::malformed);
    EXPECT_EQ(id.error().about, text);
  }
}

TEST(StreamId, GoesOnToTheNextMillisecondWhenSequencesEnd) {
  EXPECT_EQ((StreamId{1, 2}.next()), (StreamId{1, 3}));
  EXPECT_EQ((StreamId{1, UINT64_MAX}.next()), (StreamId{2, 0}));
}

TEST(StreamIdDeathTest, HasNothingAfterTheGreatest) { EXPECT_DEATH((void)StreamId::max().next(), "greatest"); }

RC_GTEST_PROP(StreamId, TextReadsBack, (std::uint64_t ms, std::uint64_t seq)) {
  const StreamId id{ms, seq};
  RC_ASSERT(*StreamId::parse(id.text()) == id);
}

RC_GTEST_PROP(StreamId, NextIsTheLeastGreaterId, (std::uint64_t ms, std::uint64_t seq)) {
  const StreamId id{ms, seq};
  RC_PRE(id != StreamId::max());
  const auto next = id.next();
  RC_ASSERT(id < next);
  RC_ASSERT(next == (StreamId{ms, seq + 1}) || (next == StreamId{ms + 1, 0} && seq == UINT64_MAX));
}

}  // namespace
}  // namespace tidemark
