#include "tidemark/money.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <sstream>

#include "tidemark/error.hpp"

namespace tidemark {
namespace {

constexpr auto LOWEST = std::numeric_limits<std::int64_t>::min();
constexpr auto HIGHEST = std::numeric_limits<std::int64_t>::max();

Money cents(std::int64_t minor) { return Money::from_minor(minor); }

TEST(Money, ReadsDecimalsExactly) {
  EXPECT_EQ(Money::parse("12.34"), cents(1234));
  EXPECT_EQ(Money::parse("12.3"), cents(1230));
  EXPECT_EQ(Money::parse("12"), cents(1200));
  EXPECT_EQ(Money::parse("-0.05"), cents(-5));
  EXPECT_EQ(Money::parse("0"), cents(0));
  EXPECT_EQ(Money::parse("92233720368547758.07"), cents(HIGHEST));
  EXPECT_EQ(Money::parse("-92233720368547758.08"), cents(LOWEST));
}

TEST(Money, RefusesWhatItWouldHaveToRoundOrGuess) {
  for (const char* text : {"", "-", ".", "12.", ".5", "1.234", "1e2", "+1", " 1", "1 ", "--1", "1.-5", "1,5", "0x1",
                           "nan", "92233720368547758.08", "-92233720368547758.09", "99999999999999999999999"}) {
    EXPECT_FALSE(Money::try_parse(text)) << text;
    EXPECT_THROW(Money::parse(text), Invalid) << text;
  }
}

TEST(Money, IsShownWithTwoDigits) {
  EXPECT_EQ(cents(1200).to_string(), "12.00");
  EXPECT_EQ(cents(-5).to_string(), "-0.05");
  EXPECT_EQ(cents(LOWEST).to_string(), "-92233720368547758.08");
  std::ostringstream out;
  out << cents(1230);
  EXPECT_EQ(out.str(), "12.30");
}

TEST(Money, RoundsPercentsHalfAwayFromZero) {
  EXPECT_EQ(cents(3702).percent(20), cents(740));
  EXPECT_EQ(cents(5).percent(10), cents(1));
  EXPECT_EQ(cents(-5).percent(10), cents(-1));
  EXPECT_EQ(cents(4).percent(10), cents(0));
  EXPECT_EQ(cents(-4).percent(10), cents(0));
  EXPECT_EQ(cents(100).percent(-15), cents(-15));
  EXPECT_EQ(cents(HIGHEST).percent(100), cents(HIGHEST));
}

TEST(Money, ThrowsInsteadOfWrappingAround) {
  Money amount = cents(HIGHEST);
  EXPECT_THROW(amount += cents(1), Invalid);
  EXPECT_EQ(amount, cents(HIGHEST)) << "a failed sum must leave the amount as it was";
  EXPECT_THROW(cents(LOWEST) - cents(1), Invalid);
  EXPECT_THROW(-cents(LOWEST), Invalid);
  EXPECT_THROW(cents(HIGHEST) * 2, Invalid);
  EXPECT_THROW(cents(LOWEST) * LOWEST, Invalid);
  EXPECT_THROW(cents(HIGHEST).percent(101), Invalid);
}

TEST(Money, ComparesByAmount) {
  EXPECT_LT(cents(-1), cents(0));
  EXPECT_GT(Money::parse("0.10"), Money::parse("0.09"));
}

RC_GTEST_PROP(Money, TextReadsBackToTheSameAmount, (std::int64_t minor)) {
  RC_ASSERT(Money::parse(cents(minor).to_string()) == cents(minor));
}

RC_GTEST_PROP(Money, ArithmeticIsThatOfMinorUnits, (std::int32_t a, std::int32_t b)) {
  RC_ASSERT((cents(a) + cents(b)).minor() == std::int64_t{a} + b);
  RC_ASSERT((cents(a) - cents(b)).minor() == std::int64_t{a} - b);
  RC_ASSERT((cents(a) * b).minor() == std::int64_t{a} * b);
  RC_ASSERT(a * cents(b) == cents(b) * a);
}

}  // namespace
}  // namespace tidemark
