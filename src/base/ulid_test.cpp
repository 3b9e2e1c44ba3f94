#include "base/ulid.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tidemark {
namespace {

TimePoint at_ms(std::int64_t ms) { return TimePoint{std::chrono::milliseconds{ms}}; }

TEST(Ulid, StartsWithItsTime) {
  Random random{1};
  // The first ten digits of the specification's example.
  EXPECT_EQ(make_ulid(at_ms(1469918176385), random).substr(0, 10), "01ARYZ6S41");
  EXPECT_EQ(make_ulid(at_ms(0), random).substr(0, 10), "0000000000");
  EXPECT_EQ(make_ulid(at_ms((std::int64_t{1} << 48) - 1), random).substr(0, 10), "7ZZZZZZZZZ");
}

TEST(Ulid, SortsByTime) {
  Random random{2};
  std::string before;
  for (std::int64_t ms = 1'700'000'000'000; ms < 1'700'000'000'100; ++ms) {
    const auto id = make_ulid(at_ms(ms), random);
    EXPECT_LT(before, id);
    before = id;
  }
}

TEST(Ulid, IsUniqueWithinAMillisecond) {
  Random random{3};
  std::set<std::string> ids;
  for (int i = 0; i < 10'000; ++i) ids.insert(make_ulid(at_ms(1), random));
  EXPECT_EQ(ids.size(), 10'000U);
}

TEST(Ulid, DerivesTheSameIdFromTheSameSource) {
  const auto id = derive_ulid(at_ms(5), "01ARYZ6S410000000000000000", "payments", 1);
  EXPECT_TRUE(is_ulid(id));
  EXPECT_EQ(id, derive_ulid(at_ms(5), "01ARYZ6S410000000000000000", "payments", 1));
}

TEST(Ulid, DerivesAnotherIdFromAnythingElse) {
  std::set<std::string> ids;
  for (const char* source : {"a", "b", "ab", ""})
    for (const char* scope : {"a", "b", "ab", ""})
      for (std::uint32_t ordinal = 0; ordinal < 100; ++ordinal)
        ids.insert(derive_ulid(at_ms(5), source, scope, ordinal));
  EXPECT_EQ(ids.size(), 4U * 4U * 100U);
}

TEST(Ulid, KnowsItsOwn) {
  Random random{4};
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(is_ulid(make_ulid(at_ms(1'700'000'000'000), random)));
}

TEST(Ulid, KnowsWhatIsNone) {
  const std::string time = "01ARYZ6S41";
  EXPECT_TRUE(is_ulid(time + "0123456789ABCDEF"));
  EXPECT_FALSE(is_ulid(""));
  EXPECT_FALSE(is_ulid(time + "0123456789ABCDE"));
  EXPECT_FALSE(is_ulid(time + "0123456789ABCDEFG"));
  EXPECT_FALSE(is_ulid("8" + time.substr(1) + "0123456789ABCDEF")) << "more than 128 bits";
  EXPECT_FALSE(is_ulid(time + "0123456789ABCDEU")) << "no letter of the alphabet";
  EXPECT_FALSE(is_ulid(time + "0123456789abcdef"));
}

TEST(Ulid, SaysWhenItWasMade) {
  Random random{7};
  for (const std::int64_t ms : {0LL, 1LL, 1'700'000'000'123LL, (1LL << 48) - 1}) {
    const TimePoint time{std::chrono::milliseconds{ms}};
    EXPECT_EQ(time_of_ulid(make_ulid(time, random)), time);
  }
}

}  // namespace
}  // namespace tidemark
