// json::check() takes what read() takes, and refuses the rest with the same paths; any JSON in described structs.
#include "json/check.hpp"

#include <gtest/gtest.h>

#include "json/json.hpp"

namespace tidemark::json {
namespace {

enum class Colour { red, blue };
BOOST_DESCRIBE_ENUM(Colour, red, blue)

struct Line {
  std::string product;
  int quantity = 1;

  static Constraints<Line> constraints() { return {{&Line::quantity, {.min = 1, .max = 10}}}; }
};
BOOST_DESCRIBE_STRUCT(Line, (), (product, quantity))

struct Order {
  std::string id;
  std::vector<Line> lines;
  std::map<std::string, double> rates;
  std::optional<Colour> colour;
  std::optional<Money> price;
  std::optional<TimePoint> at;
  std::optional<Json> note;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, lines, rates, colour, price, at, note))

struct Circle {
  double radius = 0;
};
BOOST_DESCRIBE_STRUCT(Circle, (), (radius))
struct Square {
  double side = 0;
};
BOOST_DESCRIBE_STRUCT(Square, (), (side))
using Shape = std::variant<Circle, Square>;

std::string refusal(std::string_view text, const TypeInfo& type = type_of<Order>()) {
  const auto checked = check(text, type);
  return checked ? "" : checked.error().about;
}

TEST(Check, TakesWhatCanBeRead) {
  const std::string_view whole =
      R"({"id":"1","lines":[{"product":"p","quantity":2}],"rates":{"a":1.5},"colour":"blue","price":1.25,)"
      R"("at":"2026-01-31T12:00:00Z","note":[1,{"x":null}]})";
  EXPECT_EQ(refusal(whole), "");
  EXPECT_TRUE(from_json<Order>(whole));
  EXPECT_EQ(refusal(R"({"id":"1","lines":[],"rates":{},"colour":null})"), "");
  EXPECT_EQ(refusal(R"({"type":"Square","side":2})", type_of<Shape>()), "");
}

TEST(Check, NamesThePathOfWhatIsWrong) {
  EXPECT_EQ(refusal(R"({"lines":[],"rates":{}})"), "id");
  EXPECT_EQ(refusal(R"({"id":1,"lines":[],"rates":{}})"), "id");
  EXPECT_EQ(refusal(R"({"id":"1","lines":[{"product":"p","quantity":2},{"product":"p","quantity":11}],"rates":{}})"),
            "lines[1].quantity");
  EXPECT_EQ(refusal(R"({"id":"1","lines":[],"rates":{"a":"b"}})"), "rates.a");
  EXPECT_EQ(refusal(R"({"id":"1","lines":[],"rates":{},"colour":"green"})"), "colour");
  EXPECT_EQ(refusal(R"({"id":"1","lines":[],"rates":{},"price":1.234})"), "price");
  EXPECT_EQ(refusal(R"({"id":"1","lines":[],"rates":{},"colr":"red"})"), "colr");
  EXPECT_EQ(refusal(R"({"type":"Circle","side":2})", type_of<Shape>()), "radius");
  EXPECT_EQ(refusal(R"({"side":2})", type_of<Shape>()), "type");
  EXPECT_EQ(check("{", type_of<Order>()).error().code, ErrorCode::malformed);
}

TEST(AnyJson, IsReadAndWrittenAsItIs) {
  for (const std::string value :
       {R"("a\"b")", "1.50", "true", "null", "[]", R"([1, {"a": [2]}, "]"])", R"({"x": {"y": "}"}, "z": []})"}) {
    const std::string text = R"({"before":)" + value + R"(,"after":"x"})";
    const auto members = from_json<std::map<std::string, Json>>(text);
    ASSERT_TRUE(members) << text << members.error().text();
    EXPECT_EQ(members->at("before").text, value);
    EXPECT_EQ(members->at("after").text, R"("x")");
    const auto elements = from_json<std::vector<Json>>("[" + value + ", " + value + "]");
    ASSERT_TRUE(elements) << text;
    ASSERT_EQ(elements->size(), 2u);
    EXPECT_EQ(elements->at(1).text, value);
    EXPECT_EQ(json::to_json(*elements).value(), "[" + value + "," + value + "]");
  }
  EXPECT_EQ(json::to_json(Json{}).value(), "null");
  const auto order = from_json<Order>(R"({"id":"1","lines":[],"rates":{},"note":null})");
  ASSERT_TRUE(order);
  EXPECT_FALSE(order->note) << "null empties an optional";
  EXPECT_FALSE(from_json<Order>(R"({"id":"1","lines":[],"rates":{},"note":[1,})"));
}

}  // namespace
}  // namespace tidemark::json
