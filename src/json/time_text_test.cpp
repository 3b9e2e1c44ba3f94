#include <gtest/gtest.h>

#include "json/scalar.hpp"

namespace tidemark::json {
namespace {

std::optional<std::int64_t> ms_of(std::string_view text) {
  const auto time = parse_time(text);
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}

TEST(TimeText, ReadsRfc3339) {
  EXPECT_EQ(ms_of("1970-01-01T00:00:00.000Z"), 0);
  EXPECT_EQ(ms_of("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ms_of("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(ms_of("2024-02-29T12:34:56.789Z"), 1709210096789);
  EXPECT_EQ(ms_of("1970-01-01T01:30:00+01:30"), 0);
  EXPECT_EQ(ms_of("1969-12-31T16:00:00.5-08:00"), 500);
  EXPECT_EQ(ms_of("1970-01-01T00:00:00.123456789Z"), 123);
}

TEST(TimeText, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+24:00",
        "26-01-01T00:00:00Z", "-026-01-01T00:00:00Z", "2026-01-01T00:00:00*00:00"})
    EXPECT_EQ(ms_of(text), std::nullopt) << text;
}

TEST(TimeText, WritesTheYears0To9999) {
  ScalarBuffer buffer;
  EXPECT_EQ(format(*parse_time("0000-01-01T00:00:00.000Z"), buffer), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(format(*parse_time("9999-12-31T23:59:59.999Z"), buffer), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format(*parse_time("9999-12-31T23:59:59.999Z") + Duration{1}, buffer), "");
  EXPECT_EQ(format(TimePoint::min(), buffer), "");
  EXPECT_EQ(format(TimePoint::max(), buffer), "");
}

}  // namespace
}  // namespace tidemark::json
