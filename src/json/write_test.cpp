#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "json/json.hpp"
#include "json/test_types.hpp"

namespace tidemark::json::test {
namespace {

TEST(Write, WritesScalars) {
  const Scalars value{.flag = true,
                      .real = 1.5,
                      .text = "a\"b",
                      .status = Status::refunded,
                      .level = Flag::high,
                      .price = Money::from_minor(1250),
                      .at = TimePoint{std::chrono::milliseconds{1769860800001}}};
  EXPECT_EQ(*json::to_json(value), R"({"flag":true,"real":1.5,"text":"a\"b","status":"refunded","level":"high",)"
                                   R"("price":12.5,"at":"2026-01-31T12:00:00.001Z"})");
}

TEST(Write, WritesIntegersToTheirLimits) {
  const Integers value{-128, 255, -32768, 65535, INT32_MIN, UINT32_MAX, INT64_MIN, UINT64_MAX, INT64_MAX, UINT64_MAX};
  EXPECT_EQ(*json::to_json(value), R"({"i8":-128,"u8":255,"i16":-32768,"u16":65535,"i32":-2147483648,"u32":4294967295,)"
                                   R"("i64":-9223372036854775808,"u64":18446744073709551615,)"
                                   R"("long_one":9223372036854775807,"longer_one":18446744073709551615})");
}

TEST(Write, WritesTheShortestNumbers) {
  EXPECT_EQ(*json::to_json(0.1), "0.1");
  EXPECT_EQ(*json::to_json(100000.0), "100000");
  EXPECT_EQ(*json::to_json(-0.0), "-0");
  EXPECT_EQ(*json::to_json(1e15), "1000000000000000");
  EXPECT_EQ(*json::to_json(1e300), "1e+300");
  EXPECT_EQ(*json::to_json(0.00001), "0.00001");
  EXPECT_EQ(*json::to_json(5e-324), "5e-324");
  EXPECT_EQ(*json::to_json(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
  EXPECT_EQ(*json::to_json(Money::from_minor(1200)), "12");
  EXPECT_EQ(*json::to_json(Money::from_minor(1205)), "12.05");
  EXPECT_EQ(*json::to_json(Money::from_minor(-5)), "-0.05");
  EXPECT_EQ(*json::to_json(Money::from_minor(INT64_MIN)), "-92233720368547758.08");
}

TEST(Write, NestsAndLeavesOutAbsentOptionals) {
  Order order{
      .id = "o1", .items = {{"p1", 2, {}}, {"p2", 1, Money::from_minor(99)}}, .votes = {{"a\nb", {1, 2}}, {"c", {}}}};
  order.gaps = {1, std::nullopt};
  order.grid = {{}, {0.5}};
  order.payment = Transfer{"DE1", {}};
  EXPECT_EQ(*json::to_json(order), R"({"id":"o1","items":[{"product_id":"p1","quantity":2},)"
                                   R"({"product_id":"p2","quantity":1,"price":0.99}],)"
                                   R"("votes":{"a\nb":[1,2],"c":[]},"gaps":[1,null],"grid":[[],[0.5]],)"
                                   R"("payment":{"type":"Transfer","iban":"DE1"}})");
  EXPECT_EQ(*json::to_json(Empty{}), "{}");
  EXPECT_EQ(*json::to_json(std::optional<int>{}), "null");
}

TEST(Write, NamesThePathOfWhatHasNoJson) {
  Order order{.grid = {{0.0}, {1.0, std::nan("")}}};
  const auto text = json::to_json(order);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::invalid);
  EXPECT_EQ(text.error().text(), "grid[1][1]: a number that is not finite has no JSON form");

  const std::map<std::string, Scalars> nameless{{"k", {.status = static_cast<Status>(3)}}};
  EXPECT_EQ(json::to_json(nameless).error().text(), "k.status: the value 3 of the enum Status has no name");
  const std::vector<TimePoint> late{TimePoint::max()};
  EXPECT_EQ(json::to_json(late).error().text(), "[0]: a time outside the years 0000 to 9999 has no RFC 3339 form");
}

TEST(Write, WritesNothingThatIsTooDeepToBeRead) {
  Tree tree{"leaf", {}};
  // An object and an array for each level but the last, whose array is empty.
  for (int level = 1; level < 32; ++level) tree = Tree{"branch", {std::move(tree)}};
  const auto text = json::to_json(tree);
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_EQ(json::from_json<Tree>(*text).value(), tree);
  const auto deeper = json::to_json(Tree{"root", {std::move(tree)}});
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().message, "nested deeper than 64 levels");
}

}  // namespace
}  // namespace tidemark::json::test
