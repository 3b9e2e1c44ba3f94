#include "tidemark/described.hpp"

#include <gtest/gtest.h>

#include "json/test_types.hpp"
#include "tidemark/error.hpp"

namespace other {
struct RefundOrder {
  std::string order_id;
};
BOOST_DESCRIBE_STRUCT(RefundOrder, (), (order_id))
struct HTTPRoute {};
BOOST_DESCRIBE_STRUCT(HTTPRoute, (), ())
struct OrderV2Saved {};
BOOST_DESCRIBE_STRUCT(OrderV2Saved, (), ())
struct already_snake {};
BOOST_DESCRIBE_STRUCT(already_snake, (), ())
}  // namespace other

namespace tidemark::json::test {
namespace {

template <class Expected, class Function>
std::string message_of(Function function) {
  try {
    function();
  } catch (const Expected& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(TypeInfo, NamesStructsWithoutTheirNamespaces) {
  EXPECT_EQ(type_of<other::RefundOrder>().name, "RefundOrder");
  EXPECT_EQ(type_of<Status>().name, "Status");
  EXPECT_EQ(type_of<std::vector<Item>>().name, "");
}

TEST(TypeInfo, NamesTopicsInSnakeCase) {
  EXPECT_EQ(snake_case_name(type_of<other::RefundOrder>()), "refund_order");
  EXPECT_EQ(snake_case_name(type_of<other::HTTPRoute>()), "http_route");
  EXPECT_EQ(snake_case_name(type_of<other::OrderV2Saved>()), "order_v2_saved");
  EXPECT_EQ(snake_case_name(type_of<other::already_snake>()), "already_snake");
  EXPECT_EQ(snake_case_name(type_of<int>()), "");
}

TEST(TypeInfo, HasOneAddressForEachType) {
  EXPECT_EQ(&type_of<Order>(), &type_of<const Order>());
  EXPECT_EQ(find_field(type_of<Order>(), "gift")->type->element, &type_of<Item>());
  EXPECT_NE(&type_of<Item>(), &type_of<Card>());
}

TEST(TypeInfo, ListsMembersInTheirOrderWithWhereTheyLie) {
  const Item item{"p1", 3, Money::from_minor(5)};
  const auto fields = type_of<Item>().fields();
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0].name, "product_id");
  EXPECT_EQ(fields[0].in(&item), &item.product_id);
  EXPECT_EQ(fields[1].in(&item), &item.quantity);
  EXPECT_TRUE(fields[1].required);
  EXPECT_EQ(fields[2].in(&item), &item.price);
  EXPECT_FALSE(fields[2].required);
}

TEST(TypeInfo, FindsFieldsByMemberAndByName) {
  EXPECT_EQ(&field_of(&Item::quantity), find_field(type_of<Item>(), "quantity"));
  EXPECT_EQ(find_field(type_of<Item>(), "colour"), nullptr);
  EXPECT_EQ(find_field(type_of<int>(), "colour"), nullptr);
}

TEST(TypeInfo, PutsTheMembersOfBasesFirst) {
  const auto fields = type_of<Derived>().fields();
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0].name, "id");
  EXPECT_EQ(fields[1].name, "count");
  EXPECT_EQ(fields[2].name, "name");
  Derived derived;
  EXPECT_EQ(field_of<Derived>(&Derived::count).in(&derived), &derived.count);
  EXPECT_EQ(field_of<Derived>(&Derived::name).in(&derived), &derived.name);
}

struct Partly {
  std::string id;
  int secret = 0;
};
BOOST_DESCRIBE_STRUCT(Partly, (), (id))

TEST(TypeInfo, SaysWhichStructLacksADescriptionOfAMember) {
  const auto message = message_of<Invalid>([] { (void)field_of(&Partly::secret); });
  EXPECT_EQ(message, "a member of Partly is not described: name it in BOOST_DESCRIBE_STRUCT(Partly, …)");
}

struct Overconstrained {
  std::string id;
  int secret = 0;
  static Constraints<Overconstrained> constraints() { return {{&Overconstrained::secret, {.min = 1}}}; }
};
BOOST_DESCRIBE_STRUCT(Overconstrained, (), (id))

TEST(TypeInfoDeathTest, AssertsThatConstrainedMembersAreDescribed) {
  EXPECT_DEATH((void)type_of<Overconstrained>().fields(), "constraints.. names a member");
}

TEST(TypeInfo, ReadsStringMembersThroughTheTable) {
  const Item item{"p1", 3, {}};
  EXPECT_EQ(&string_member(&item, field_of(&Item::product_id)), &item.product_id);
  EXPECT_EQ(message_of<Invalid>([&] { (void)string_member(&item, field_of(&Item::quantity)); }),
            "the member quantity must be a std::string");
}

TEST(TypeInfo, ReadsAnyScalarMemberAsText) {
  const Item item{"p1", 3, {}};
  EXPECT_EQ(member_text(&item, field_of(&Item::product_id)), "p1");
  EXPECT_EQ(member_text(&item, field_of(&Item::quantity)), "3");
  EXPECT_EQ(member_text(&item, field_of(&Item::price)), "");
  const Scalars scalars{.status = Status::completed};
  EXPECT_EQ(member_text(&scalars, field_of(&Scalars::status)), "completed");
  const Order order;
  EXPECT_THROW((void)member_text(&order, field_of(&Order::items)), Invalid);
}

namespace header_example {
enum class Status { pending, completed };
BOOST_DESCRIBE_ENUM(Status, pending, completed)

struct Order {
  std::string id;
  int quantity = 1;
  Status status = Status::pending;
  std::optional<std::string> note;

  static tidemark::Constraints<Order> constraints() {
    return {{&Order::quantity, {.min = 1, .max = 1000}}, {&Order::note, {.max_length = 200}}};
  }
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, quantity, status, note))
}  // namespace header_example

TEST(Described, TheExampleOfTheHeaderHolds) {
  const std::string text = tidemark::to_json(header_example::Order{.id = "7"});
  EXPECT_EQ(text, R"({"id":"7","quantity":1,"status":"pending"})");
  const auto order = tidemark::from_json<header_example::Order>(text);
  EXPECT_EQ(order.id, "7");
  EXPECT_EQ(field_of(&header_example::Order::note).limits->max_length, 200U);
}

TEST(Described, ThrowsMalformedForWhatIsNotJson) {
  EXPECT_EQ(message_of<Malformed>([] { from_json<Item>("{\n  \"a\": 1,\n  oops}"); }),
            "not JSON: Missing a name for object member (line 3, column 3)");
}

TEST(Described, ThrowsInvalidWithThePathOfAWrongValue) {
  const auto text = R"([{"product_id":"a","quantity":1},{"product_id":"b","quantity":"x"}])";
  EXPECT_EQ(message_of<Invalid>([&] { from_json<std::vector<Item>>(text); }),
            R"([1].quantity: expected an integer, got "x")");
}

TEST(Described, ThrowsInvalidForWhatHasNoJson) {
  EXPECT_EQ(message_of<Invalid>([] { to_json(Scalars{.real = 1.0 / 0.0}); }),
            "real: a number that is not finite has no JSON form");
}

}  // namespace
}  // namespace tidemark::json::test
