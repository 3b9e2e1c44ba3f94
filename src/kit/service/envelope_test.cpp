#include "kit/service/envelope.hpp"

#include <gtest/gtest.h>

#include <variant>

namespace tidemark::kit {

struct Address {
  std::string city;
};
BOOST_DESCRIBE_STRUCT(Address, (), (city))

struct UserCreated {
  std::string id;
  std::string name;
  int age = 0;
  std::optional<std::string> phone;
  Address address;
};
BOOST_DESCRIBE_STRUCT(UserCreated, (), (id, name, age, phone, address))

struct Ping {
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(Ping, (), (number))

namespace {

const Attributes ATTRIBUTES{.id = "01J", .type = "UserCreated", .source = "/accounts", .subject = "7"};

TEST(Envelope, KeepsMembersFlatAndAttributesBesideThem) {
  const UserCreated event{.id = "7", .name = "Ann", .age = 41, .address = {"Kiel"}};
  const auto fields = write_event(&event, type_of<UserCreated>(), ATTRIBUTES).or_raise();
  EXPECT_EQ(fields.find("name"), "Ann");
  EXPECT_EQ(fields.find("age"), "41");
  EXPECT_EQ(fields.find("address"), R"({"city":"Kiel"})");
  EXPECT_EQ(fields.find("phone"), std::nullopt);
  EXPECT_EQ(fields.find("ce_id"), "01J");
  EXPECT_EQ(fields.find("ce_subject"), "7");
  EXPECT_EQ(fields.find("ce_time"), "1970-01-01T00:00:00.000Z");
}

TEST(Envelope, ReadsWhatItWroteAndWhatAHandWrote) {
  const UserCreated event{.id = "7", .name = "Ann", .age = 41, .phone = "555", .address = {"Kiel"}};
  UserCreated read;
  ASSERT_TRUE(
      read_event(write_event(&event, type_of<UserCreated>(), ATTRIBUTES).or_raise(), &read, type_of<UserCreated>()));
  EXPECT_EQ(to_json(read), to_json(event));

  model::Fields by_hand;
  by_hand.add("number", "12");
  by_hand.add("unknown", "passed over");
  Ping ping;
  ASSERT_TRUE(read_event(by_hand, &ping, type_of<Ping>()));
  EXPECT_EQ(ping.number, 12);
}

TEST(Envelope, NamesTheMemberThatCannotBeRead) {
  model::Fields fields;
  fields.add("number", "twelve");
  Ping ping;
  const auto read = read_event(fields, &ping, type_of<Ping>());
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().text().find("number"), std::string::npos) << read.error().text();
}

TEST(Envelope, MakesJsonOfAnyEntry) {
  const UserCreated event{.id = "7", .name = "A \"quote\"", .age = 41, .address = {"Kiel"}};
  const auto fields = write_event(&event, type_of<UserCreated>(), ATTRIBUTES).or_raise();
  EXPECT_EQ(event_json(fields, type_of<UserCreated>()),
            R"({"id":"7","name":"A \"quote\"","age":41,"address":{"city":"Kiel"}})");
  model::Fields wrong;
  wrong.add("number", "{");
  EXPECT_EQ(event_json(wrong, type_of<Ping>()), R"({"number":"{"})");
}

// It was a call through null: a variant has no members of its own.
TEST(Envelope, ShowsTheAlternativeOfAVariant) {
  using Either = std::variant<Ping, Address>;
  const Either event = Address{"Kiel"};
  auto fields = write_event(&event, type_of<Either>(), ATTRIBUTES).or_raise();
  EXPECT_EQ(event_json(fields, type_of<Either>()), R"({"type":"Address","city":"Kiel"})");
  EXPECT_EQ(event_json(model::Fields{}, type_of<Either>()), "{}");
}

TEST(Envelope, TakesTheIdOrTheFirstMemberAsKey) {
  EXPECT_EQ(default_key_member(type_of<UserCreated>()), "id");
  EXPECT_EQ(default_key_member(type_of<Ping>()), "number");
}

}  // namespace
}  // namespace tidemark::kit
