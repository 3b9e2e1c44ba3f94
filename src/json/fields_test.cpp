#include "json/fields.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "json/test_generators.hpp"

namespace tidemark::json::test {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

template <class T>
Result<Pairs> to_fields(const T& value) {
  Pairs pairs;
  TIDEMARK_TRY(write_fields(&value, type_of<T>(),
                            [&](std::string_view name, std::string_view text) { pairs.emplace_back(name, text); }));
  return pairs;
}

template <class T>
Result<T> from_fields(const Pairs& pairs) {
  T value{};
  const auto find = [&](std::string_view name) -> std::optional<std::string_view> {
    for (const auto& [key, text] : pairs)
      if (key == name) return text;
    return std::nullopt;
  };
  TIDEMARK_TRY(read_fields(find, &value, type_of<T>()));
  return value;
}

TEST(Fields, AreFlatTextThatAnyRedisClientCanRead) {
  const Scalars value{.flag = true,
                      .real = 0.5,
                      .text = "1 \"Road\"",
                      .status = Status::completed,
                      .price = Money::from_minor(1250),
                      .at = TimePoint{std::chrono::milliseconds{1769860800001}}};
  EXPECT_EQ(*to_fields(value), (Pairs{{"flag", "true"},
                                      {"real", "0.5"},
                                      {"text", "1 \"Road\""},
                                      {"status", "completed"},
                                      {"level", "low"},
                                      {"price", "12.5"},
                                      {"at", "2026-01-31T12:00:00.001Z"}}));
}

TEST(Fields, HoldNestedValuesAsJsonAndNoAbsentOptionals) {
  const Order order{.id = "o1", .items = {{"p", 1, {}}}, .votes = {{"a", {1}}}, .payment = Card{"1"}};
  EXPECT_EQ(*to_fields(order), (Pairs{{"id", "o1"},
                                      {"items", R"([{"product_id":"p","quantity":1}])"},
                                      {"votes", R"({"a":[1]})"},
                                      {"gaps", "[]"},
                                      {"grid", "[]"},
                                      {"payment", R"({"type":"Card","number":"1"})"}}));
}

TEST(Fields, OfAVariantBeginWithItsType) {
  const Payment payment = Transfer{"DE1", "hi"};
  EXPECT_EQ(*to_fields(payment), (Pairs{{"type", "Transfer"}, {"iban", "DE1"}, {"note", "hi"}}));
  EXPECT_EQ(*from_fields<Payment>({{"iban", "DE1"}, {"type", "Transfer"}}), Payment{(Transfer{"DE1", {}})});
  EXPECT_EQ(from_fields<Payment>({{"type", "Cash"}}).error().text(),
            R"(type: expected one of "Card", "Transfer", got "Cash")");
  EXPECT_EQ(from_fields<Payment>({}).error().text(), R"(type: expected one of "Card", "Transfer", got nothing)");
}

TEST(Fields, ReadWithOthersBetweenAndInAnyOrder) {
  EXPECT_EQ(*from_fields<Item>({{"ce_id", "1"}, {"quantity", "3"}, {"x", "\xFF"}, {"product_id", "p"}}),
            (Item{"p", 3, {}}));
}

TEST(Fields, KeepStringsThatAreNoUtf8) {
  const Card card{"\xFF\0\xFE"};
  EXPECT_EQ(*from_fields<Card>(*to_fields(card)), card);
}

TEST(Fields, ForgetWhatTheOptionalHeldBefore) {
  Item item{"old", 9, Money::from_minor(1)};
  const auto source = [](std::string_view name) -> std::optional<std::string_view> {
    if (name == "product_id") return "p";
    if (name == "quantity") return "1";
    return std::nullopt;
  };
  ASSERT_TRUE(read_fields(source, &item, type_of<Item>()));
  EXPECT_EQ(item, (Item{"p", 1, {}}));
}

TEST(Fields, NameTheMemberOfAWrongValue) {
  EXPECT_EQ(from_fields<Item>({{"product_id", "p"}}).error().text(), "quantity: is missing");
  EXPECT_EQ(from_fields<Item>({{"product_id", "p"}, {"quantity", "x"}}).error().text(),
            "quantity: expected an integer, got \"x\"");
  EXPECT_EQ(from_fields<Item>({{"product_id", "p"}, {"quantity", ""}}).error().text(),
            "quantity: expected an integer, got \"\"");
  EXPECT_EQ(from_fields<Item>({{"product_id", "p"}, {"quantity", "3 "}}).error().text(),
            "quantity: expected an integer, got \"3 \"");
  EXPECT_EQ(from_fields<Item>({{"product_id", "p"}, {"quantity", "1.5"}}).error().text(),
            "quantity: expected an integer, got 1.5");
  const Pairs nested{{"id", "o"}, {"items", R"([{"product_id":"p","quantity":1},{"product_id":"p","quantity":true}])"}};
  EXPECT_EQ(from_fields<Order>(nested).error().text(), "items[1].quantity: expected an integer, got true");
  const auto broken = from_fields<Order>({{"id", "o"}, {"items", "[{"}});
  EXPECT_EQ(broken.error().code, ErrorCode::malformed);
  EXPECT_EQ(broken.error().about, "items");
}

TEST(Fields, KeepToTheConstraints) {
  const Pairs pairs{{"name", "n"}, {"price", "1"}, {"quantity", "0"}, {"weight", "1"}, {"tags", "[]"}};
  EXPECT_EQ(from_fields<NewProduct>(pairs).error().text(), "quantity: must be at least 1, got 0");
}

TEST(Fields, SayWhatHasNoText) {
  EXPECT_EQ(to_fields(Scalars{.real = std::nan("")}).error().text(),
            "real: a number that is not finite has no JSON form");
  EXPECT_EQ(to_fields(Order{.grid = {{1.0 / 0.0}}}).error().text(),
            "grid[0][0]: a number that is not finite has no JSON form");
}

RC_GTEST_PROP(Fields, ReadBackToTheSameStruct, ()) {
  const auto integers = any_integers();
  RC_ASSERT(*from_fields<Integers>(*to_fields(integers)) == integers);
  const auto scalars = any_scalars();
  RC_ASSERT(*from_fields<Scalars>(*to_fields(scalars)) == scalars);
  const auto order = any_order();
  RC_ASSERT(*from_fields<Order>(*to_fields(order)) == order);
  const auto payment = any_payment();
  RC_ASSERT(*from_fields<Payment>(*to_fields(payment)) == payment);
}

}  // namespace
}  // namespace tidemark::json::test
