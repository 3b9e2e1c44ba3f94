#include "model/index_key.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace tidemark::model {
namespace {

using model::IndexValue;

std::string encoded(const IndexValue& value) {
  std::string out;
  append_index_value(out, value).or_raise();
  return out;
}

// Exact: on x86-64 a long double has a mantissa of 64 bits, enough for every 64-bit integer and every double.
static_assert(std::numeric_limits<long double>::digits >= 64);
long double number_of(const IndexValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* natural = std::get_if<std::uint64_t>(&value)) return *natural;
  return std::get<double>(value);
}

int kind_of(const IndexValue& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? 2 : 1;
  if (std::holds_alternative<std::nullptr_t>(value)) return 0;
  return std::holds_alternative<std::string>(value) ? 4 : 3;
}

int compare(const IndexValue& a, const IndexValue& b) {
  if (kind_of(a) != kind_of(b)) return kind_of(a) < kind_of(b) ? -1 : 1;
  if (kind_of(a) == 4) return std::get<std::string>(a).compare(std::get<std::string>(b));
  if (kind_of(a) != 3) return 0;
  return number_of(a) < number_of(b) ? -1 : number_of(a) > number_of(b) ? 1 : 0;
}

int sign(int number) { return (number > 0) - (number < 0); }

// Values that lie close together, where rounding would mix them up: powers of two and their neighbours.
rc::Gen<IndexValue> near_a_power() {
  return rc::gen::map(rc::gen::tuple(rc::gen::inRange(0, 64), rc::gen::inRange(-3, 4), rc::gen::inRange(0, 4)),
                      [](const std::tuple<int, int, int>& parts) -> IndexValue {
                        const auto [exponent, offset, kind] = parts;
                        const auto whole = (1ull << exponent) + static_cast<std::uint64_t>(offset);
                        if (kind == 0) return whole;
                        if (kind == 1) return static_cast<std::int64_t>(whole);
                        if (kind == 2) return static_cast<std::int64_t>(0 - whole);
                        return std::ldexp(1.0, exponent) + offset;
                      });
}

rc::Gen<IndexValue> any_value() {
  const auto as_value = [](auto value) { return IndexValue{std::move(value)}; };
  const auto number = rc::gen::map(rc::gen::arbitrary<double>(), as_value);
  const auto close_text = rc::gen::container<std::string>(rc::gen::element('\0', '\1', '\2', 'a', '\xff'));
  return rc::gen::oneOf(rc::gen::just(IndexValue{nullptr}), rc::gen::map(rc::gen::arbitrary<bool>(), as_value),
                        rc::gen::map(rc::gen::arbitrary<std::int64_t>(), as_value),
                        rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), as_value), number, near_a_power(),
                        near_a_power(), rc::gen::map(close_text, as_value));
}

RC_GTEST_PROP(IndexKey, ComparesBytewiseAsTheValuesDo, ()) {
  const auto a = *any_value(), b = *any_value();
  RC_ASSERT(sign(encoded(a).compare(encoded(b))) == sign(compare(a, b)));
}

RC_GTEST_PROP(IndexKey, FindsTheEndOfAValueWhateverFollows, ()) {
  const auto value = encoded(*any_value());
  RC_ASSERT(index_value_size(value + *rc::gen::arbitrary<std::string>()) == value.size());
  for (std::size_t cut = 0; cut < value.size(); ++cut) RC_ASSERT(!index_value_size(value.substr(0, cut)));
}

TEST(IndexKey, OrdersTheExtremesOfAllKinds) {
  constexpr double INFINITE = std::numeric_limits<double>::infinity();
  const std::vector<IndexValue> ascending{nullptr,
                                          false,
                                          true,
                                          -INFINITE,
                                          std::numeric_limits<double>::lowest(),
                                          -9223372036854777856.0,  // the double below -2^63
                                          INT64_MIN,
                                          INT64_MIN + 1,
                                          -1.5,
                                          std::int64_t{-1},
                                          -std::numeric_limits<double>::denorm_min(),
                                          std::int64_t{0},
                                          std::numeric_limits<double>::denorm_min(),
                                          std::uint64_t{1},
                                          9007199254740992.0,              // 2^53
                                          std::int64_t{9007199254740993},  // which a double can't hold
                                          INT64_MAX,
                                          9223372036854775808.0,  // 2^63
                                          UINT64_MAX,
                                          18446744073709551616.0,  // 2^64
                                          INFINITE,
                                          std::string{},
                                          std::string{"\0", 1},
                                          std::string{"\0\0", 2},
                                          std::string{"\1"},
                                          std::string{"a"},
                                          std::string{"a\0", 2},
                                          std::string{"ab"}};
  for (std::size_t i = 1; i < ascending.size(); ++i) EXPECT_LT(encoded(ascending[i - 1]), encoded(ascending[i])) << i;
}

TEST(IndexKey, GivesEqualNumbersOfDifferentKindsTheSameBytes) {
  EXPECT_EQ(encoded(std::int64_t{1}), encoded(1.0));
  EXPECT_EQ(encoded(std::uint64_t{1}), encoded(std::int64_t{1}));
  EXPECT_EQ(encoded(-0.0), encoded(std::int64_t{0}));
  EXPECT_EQ(encoded(INT64_MIN), encoded(-9223372036854775808.0));
  EXPECT_EQ(encoded(std::uint64_t{1} << 63), encoded(9223372036854775808.0));
}

TEST(IndexKey, WritesTheBytesThatTheFormatDescribes) {
  const auto bytes = [](std::string_view text) { return std::string{text}; };
  using namespace std::string_view_literals;
  EXPECT_EQ(encoded(nullptr), bytes("\x01"));
  EXPECT_EQ(encoded(1.0), bytes("\x04\xbf\xf0\0\0\0\0\0\0\0\0"sv));
  EXPECT_EQ(encoded(std::int64_t{-1}), bytes("\x04\x40\x0f\xff\xff\xff\xff\xff\xff\0\0"sv));
  EXPECT_EQ(encoded(std::int64_t{9007199254740993}), bytes("\x04\xc3\x40\0\0\0\0\0\0\0\x01"sv));
  EXPECT_EQ(encoded(std::string{}), bytes("\x05\0"sv));
  EXPECT_EQ(encoded(std::string{"a\0", 2}), bytes("\x05"sv) + bytes("a\x01\x01\0"sv));
}

TEST(IndexKey, RefusesWhatHasNoPlaceInAnIndex) {
  std::string out = "before";
  EXPECT_EQ(append_index_value(out, std::nan("")).error().code, ErrorCode::invalid);
  EXPECT_EQ(append_index_value(out, std::string(INDEXED_STRING_BYTES_MAX + 1, 'a')).error().code, ErrorCode::too_large);
  EXPECT_EQ(out, "before");
  EXPECT_TRUE(append_index_value(out, std::string(INDEXED_STRING_BYTES_MAX, 'a')));
}

TEST(IndexKey, TakesNoBytesOfAnotherKindForAValue) {
  EXPECT_FALSE(index_value_size(""));
  EXPECT_FALSE(index_value_size("\x06"));
  EXPECT_FALSE(index_value_size(std::string_view{"\0", 1}));
}

}  // namespace
}  // namespace tidemark::model
