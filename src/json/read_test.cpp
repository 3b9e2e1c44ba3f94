#include <gtest/gtest.h>

#include "json/json.hpp"
#include "json/test_types.hpp"

namespace tidemark::json::test {
namespace {

// "<code> <message>" of reading a T, or "read".
template <class T>
std::string outcome(std::string_view text, const ReadOptions& options = {}) {
  const auto value = json::from_json<T>(text, options);
  if (value) return "read";
  return std::string{to_string(value.error().code)} + ' ' + value.error().text();
}

TEST(Read, ReadsScalars) {
  const auto value = json::from_json<Scalars>(
      R"( {"flag" : true, "real": -1.5e3, "text": "a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é", "status": "completed",
           "level": "high", "price": 12.5, "at": "2026-01-31T13:00:00.001+01:00"} )");
  ASSERT_TRUE(value) << value.error().text();
  EXPECT_TRUE(value->flag);
  EXPECT_EQ(value->real, -1500);
  EXPECT_EQ(value->text, "a\"\\/\b\f\n\r\té😀é");
  EXPECT_EQ(value->status, Status::completed);
  EXPECT_EQ(value->level, Flag::high);
  EXPECT_EQ(value->price, Money::from_minor(1250));
  EXPECT_EQ(value->at, TimePoint{std::chrono::milliseconds{1769860800001}});
}

TEST(Read, TakesMembersInAnyOrderAndPassesOverUnknownOnes) {
  const auto item =
      json::from_json<Item>(R"({"x":{"y":[1,{"product_id":0}],"z":null},"quantity":3,"product_id":"p","w":[[]]})");
  ASSERT_TRUE(item) << item.error().text();
  EXPECT_EQ(*item, (Item{"p", 3, {}}));
}

TEST(Read, RejectsUnknownMembersWhenTold) {
  EXPECT_EQ(outcome<Item>(R"({"product_id":"p","quantty":1,"quantity":1})", {.reject_unknown = true}),
            "invalid quantty: no such member; there are product_id, quantity, price");
  EXPECT_EQ(outcome<std::vector<Payment>>(R"([{"number":"1","type":"Card","pin":3}])", {.reject_unknown = true}),
            "invalid [0].pin: no such member; there are number");
  EXPECT_EQ(outcome<Payment>(R"({"number":"1","type":"Card"})", {.reject_unknown = true}), "read");
}

TEST(Read, WantsEveryRequiredMemberOnce) {
  EXPECT_EQ(outcome<Item>("{}"), "invalid product_id: is missing");
  EXPECT_EQ(outcome<Item>(R"({"product_id":"p"})"), "invalid quantity: is missing");
  EXPECT_EQ(outcome<Order>(R"({"id":"a","items":[{"product_id":"p","quantity":1},{"quantity":1}]})"),
            "invalid items[1].product_id: is missing");
  EXPECT_EQ(outcome<Item>(R"({"product_id":"p","quantity":1,"quantity":1})"), "invalid quantity: is there twice");
  EXPECT_EQ((outcome<std::map<std::string, int>>(R"({"a":1,"a":1})")), "invalid a: is there twice");
  EXPECT_EQ(outcome<Payment>(R"({"type":"Card","number":"1","type":"Card"})"), "invalid type: is there twice");
}

TEST(Read, TakesNullForOptionalsOnly) {
  EXPECT_EQ(outcome<Item>(R"({"product_id":"p","quantity":1,"price":null})"), "read");
  EXPECT_EQ(outcome<Item>(R"({"product_id":"p","quantity":null})"), "invalid quantity: expected an integer, got null");
}

TEST(Read, ForgetsWhatTheValueHeldBefore) {
  Order order{.id = "old", .items = {{"p", 1, {}}}, .gift = Item{}, .votes = {{"a", {1}}}, .tags = {{"t"}}};
  const auto text = R"({"id":"new","items":[],"votes":{},"gaps":[],"grid":[],"payment":{"type":"Card","number":"1"}})";
  ASSERT_TRUE(read(text, &order, type_of<Order>()));
  EXPECT_EQ(order, (Order{.id = "new", .payment = Card{"1"}}));
}

TEST(Read, NamesThePathOfAWrongValue) {
  EXPECT_EQ(outcome<Order>(R"({"items":[{"product_id":"a","quantity":1},{"product_id":"b","quantity":"x"}]})"),
            R"(invalid items[1].quantity: expected an integer, got "x")");
  EXPECT_EQ(outcome<Order>(R"({"votes":{"a":[1],"b":[1,2,[3]]}})"),
            "invalid votes.b[2]: expected an integer, got an array");
  EXPECT_EQ(outcome<Order>(R"({"gift":{"product_id":"p","quantity":1,"price":"1"}})"),
            R"(invalid gift.price: expected a decimal number with at most 2 digits after the point, got "1")");
  EXPECT_EQ(outcome<Order>(R"({"grid":[[1,2],[3,true]]})"), "invalid grid[1][1]: expected a number, got true");
  EXPECT_EQ(outcome<int>("\"x\""), "invalid expected an integer, got \"x\"");
}

TEST(Read, SaysWhatItExpectedOfEachType) {
  EXPECT_EQ(outcome<bool>("1"), "invalid expected true or false, got 1");
  EXPECT_EQ(outcome<int>("1.0"), "invalid expected an integer, got 1.0");
  EXPECT_EQ(outcome<int>("1e2"), "invalid expected an integer, got 1e2");
  EXPECT_EQ(outcome<int>("{}"), "invalid expected an integer, got an object");
  EXPECT_EQ(outcome<double>("\"1\""), "invalid expected a number, got \"1\"");
  EXPECT_EQ(outcome<std::string>("1"), "invalid expected a string, got 1");
  EXPECT_EQ(outcome<std::string>("false"), "invalid expected a string, got false");
  EXPECT_EQ(outcome<Status>("\"lost\""), R"(invalid expected one of "pending", "completed", "refunded", got "lost")");
  EXPECT_EQ(outcome<Status>("7"), R"(invalid expected one of "pending", "completed", "refunded", got 7)");
  EXPECT_EQ(outcome<Item>("[]"), "invalid expected an object, got an array");
  EXPECT_EQ((outcome<std::map<std::string, int>>("[]")), "invalid expected an object, got an array");
  EXPECT_EQ(outcome<std::vector<int>>("{}"), "invalid expected an array, got an object");
  EXPECT_EQ(outcome<std::vector<int>>("null"), "invalid expected an array, got null");
  EXPECT_EQ(outcome<TimePoint>("\"yesterday\""),
            R"(invalid expected a time such as "2026-01-31T12:00:00.000Z", got "yesterday")");
  EXPECT_EQ(outcome<Money>("1.234"),
            "invalid expected a decimal number with at most 2 digits after the point, got 1.234");
  EXPECT_EQ(outcome<Money>("1e2"), "invalid expected a decimal number with at most 2 digits after the point, got 1e2");
}

TEST(Read, SaysWhichRangeANumberLeft) {
  EXPECT_EQ(outcome<int>("3000000000"), "invalid expected an integer from -2147483648 to 2147483647, got 3000000000");
  EXPECT_EQ(outcome<std::uint8_t>("256"), "invalid expected an integer from 0 to 255, got 256");
  EXPECT_EQ(outcome<std::uint8_t>("-1"), "invalid expected an integer from 0 to 255, got -1");
  EXPECT_EQ(outcome<std::int8_t>("-129"), "invalid expected an integer from -128 to 127, got -129");
  EXPECT_EQ(outcome<std::int64_t>("9223372036854775808"),
            "invalid expected an integer from -9223372036854775808 to 9223372036854775807, got 9223372036854775808");
  EXPECT_EQ(outcome<std::uint64_t>("18446744073709551616"),
            "invalid expected an integer from 0 to 18446744073709551615, got 18446744073709551616");
  EXPECT_EQ(outcome<Money>("92233720368547758.08"),
            "invalid expected an amount of at most 92233720368547758.07, got 92233720368547758.08");
  EXPECT_EQ(outcome<double>("1e-400"), "invalid expected a number that a double can hold, got 1e-400");
}

TEST(Read, ShortensLongValuesInMessages) {
  const std::string text = '"' + std::string(100'000, 'x') + '"';
  EXPECT_EQ(outcome<int>(text), "invalid expected an integer, got \"" + std::string(60, 'x') + "…\"");
  EXPECT_LT(outcome<int>(std::string(100'000, '9')).size(), 200U);
  EXPECT_LT((outcome<std::map<std::string, int>>("{" + text + ":null}")).size(), 200U);
}

TEST(Read, TellsVariantsApartByTypeWhereverItStands) {
  for (const char* text : {R"({"type":"Transfer","iban":"DE1"})", R"({"iban":"DE1","type":"Transfer"})",
                           R"({"x":{"type":"Card"},"y":["type","}"],"iban":"DE1","type":"Transfer"})",
                           R"({ "t\u0079pe" : "\u0054ransfer" , "iban":"DE1" })"}) {
    const auto payment = json::from_json<Payment>(text);
    ASSERT_TRUE(payment) << text << payment.error().text();
    EXPECT_EQ(*payment, Payment{(Transfer{"DE1", {}})});
  }
}

TEST(Read, SaysWhichAlternativesAVariantHas) {
  EXPECT_EQ(outcome<Payment>(R"({"iban":"DE1"})"), R"(invalid type: expected one of "Card", "Transfer", got nothing)");
  EXPECT_EQ(outcome<Payment>("{}"), R"(invalid type: expected one of "Card", "Transfer", got nothing)");
  EXPECT_EQ(outcome<std::vector<Payment>>(R"([{"type":"Cash"}])"),
            R"(invalid [0].type: expected one of "Card", "Transfer", got "Cash")");
  EXPECT_EQ(outcome<Payment>(R"({"type":3})"), R"(invalid type: expected one of "Card", "Transfer", got nothing)");
  EXPECT_EQ(outcome<Payment>(R"({"type":"Card","number":3})"), "invalid number: expected a string, got 3");
  EXPECT_EQ(outcome<Payment>("[]"), "invalid expected an object, got an array");
}

TEST(Read, KeepsToTheConstraints) {
  const auto product = [](const char* name, const char* price, const char* quantity, const char* weight,
                          const char* note, const char* tags) {
    return outcome<NewProduct>(std::string{"{\"name\":"} + name + ",\"price\":" + price + ",\"quantity\":" + quantity +
                               ",\"weight\":" + weight + ",\"note\":" + note + ",\"tags\":" + tags + "}");
  };
  EXPECT_EQ(product("\"é\"", "0.01", "1", "0.5", "null", "[\"a\"]"), "read");
  EXPECT_EQ(product("\"ééééé\"", "100", "1000", "9e9", "\"abc\"", "[\"a\",\"b\"]"), "read");
  EXPECT_EQ(product("\"\"", "1", "1", "1", "null", "[\"a\"]"), "invalid name: must have at least 1 character, got 0");
  EXPECT_EQ(product("\"123456\"", "1", "1", "1", "null", "[\"a\"]"),
            "invalid name: must have at most 5 characters, got 6");
  EXPECT_EQ(product("\"a\"", "0", "1", "1", "null", "[\"a\"]"), "invalid price: must be at least 0.01, got 0");
  EXPECT_EQ(product("\"a\"", "100.01", "1", "1", "null", "[\"a\"]"), "invalid price: must be at most 100, got 100.01");
  EXPECT_EQ(product("\"a\"", "1", "0", "1", "null", "[\"a\"]"), "invalid quantity: must be at least 1, got 0");
  EXPECT_EQ(product("\"a\"", "1", "1001", "1", "null", "[\"a\"]"), "invalid quantity: must be at most 1000, got 1001");
  EXPECT_EQ(product("\"a\"", "1", "1", "0.25", "null", "[\"a\"]"), "invalid weight: must be at least 0.5, got 0.25");
  EXPECT_EQ(product("\"a\"", "1", "1", "1", "\"abcd\"", "[\"a\"]"),
            "invalid note: must have at most 3 characters, got 4");
  EXPECT_EQ(product("\"a\"", "1", "1", "1", "null", "[]"), "invalid tags: must have at least 1 element, got 0");
  EXPECT_EQ(product("\"a\"", "1", "1", "1", "null", "[\"a\",\"a\",\"a\"]"),
            "invalid tags: must have at most 2 elements, got 3");
}

TEST(Read, KeepsToTheConstraintsOfABase) {
  EXPECT_EQ(outcome<Derived>(R"({"id":"a","count":-1,"name":"n"})"), "invalid count: must be at least 0, got -1");
}

TEST(Read, TakesStructsOfMoreThan64Members) {
  Wide wide{};
  int next = 1;
  for (const auto& field : type_of<Wide>().fields()) *static_cast<int*>(field.in(&wide)) = next++;
  EXPECT_EQ(next, 82);
  const auto text = json::to_json(wide);
  const auto copy = json::from_json<Wide>(*text);
  ASSERT_TRUE(copy) << copy.error().text();
  EXPECT_EQ(copy->a0, 1);
  EXPECT_EQ(copy->b39, 80);
  EXPECT_EQ(copy->last, 81);
  const auto without_b30 = text->substr(0, text->find("\"b30\"")) + text->substr(text->find("\"b31\""));
  EXPECT_EQ(outcome<Wide>(without_b30), "invalid b30: is missing");
  EXPECT_EQ(outcome<Wide>("{\"b30\":1,\"b30\":1}"), "invalid b30: is there twice");
}

}  // namespace
}  // namespace tidemark::json::test
