// The described types that the tests of this module read and write.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tidemark/described.hpp"

namespace tidemark::json::test {

enum class Status { pending, completed = 7, refunded = -1 };
BOOST_DESCRIBE_ENUM(Status, pending, completed, refunded)

enum class Flag : std::uint8_t { low = 0, high = 255 };
BOOST_DESCRIBE_ENUM(Flag, low, high)

struct Integers {
  std::int8_t i8 = 0;
  std::uint8_t u8 = 0;
  std::int16_t i16 = 0;
  std::uint16_t u16 = 0;
  std::int32_t i32 = 0;
  std::uint32_t u32 = 0;
  std::int64_t i64 = 0;
  std::uint64_t u64 = 0;
  long long_one = 0;
  unsigned long long longer_one = 0;
  friend bool operator==(const Integers&, const Integers&) = default;
};
BOOST_DESCRIBE_STRUCT(Integers, (), (i8, u8, i16, u16, i32, u32, i64, u64, long_one, longer_one))

struct Scalars {
  bool flag = false;
  double real = 0;
  std::string text;
  Status status = Status::pending;
  Flag level = Flag::low;
  Money price;
  TimePoint at;
  friend bool operator==(const Scalars&, const Scalars&) = default;
};
BOOST_DESCRIBE_STRUCT(Scalars, (), (flag, real, text, status, level, price, at))

struct Item {
  std::string product_id;
  int quantity = 1;
  std::optional<Money> price;
  friend bool operator==(const Item&, const Item&) = default;
};
BOOST_DESCRIBE_STRUCT(Item, (), (product_id, quantity, price))

struct Card {
  std::string number;
  friend bool operator==(const Card&, const Card&) = default;
};
BOOST_DESCRIBE_STRUCT(Card, (), (number))

struct Transfer {
  std::string iban;
  std::optional<std::string> note;
  friend bool operator==(const Transfer&, const Transfer&) = default;
};
BOOST_DESCRIBE_STRUCT(Transfer, (), (iban, note))

using Payment = std::variant<Card, Transfer>;

struct Order {
  std::string id;
  std::vector<Item> items;
  std::optional<Item> gift;
  std::map<std::string, std::vector<int>> votes;
  std::optional<std::vector<std::string>> tags;
  std::vector<std::optional<int>> gaps;
  std::vector<std::vector<double>> grid;
  Payment payment;
  friend bool operator==(const Order&, const Order&) = default;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, items, gift, votes, tags, gaps, grid, payment))

struct Tree {
  std::string name;
  std::vector<Tree> children;
  friend bool operator==(const Tree&, const Tree&) = default;
};
BOOST_DESCRIBE_STRUCT(Tree, (), (name, children))

struct Entity {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(Entity, (), (id))
struct Counted {
  int count = 0;
  static Constraints<Counted> constraints() { return {{&Counted::count, {.min = 0}}}; }
};
BOOST_DESCRIBE_STRUCT(Counted, (), (count))
struct Derived : Entity, Counted {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Derived, (Entity, Counted), (name))

struct NewProduct {
  std::string name;
  Money price;
  int quantity = 0;
  double weight = 0;
  std::optional<std::string> note;
  std::vector<std::string> tags;

  static Constraints<NewProduct> constraints() {
    return {{&NewProduct::name, {.min_length = 1, .max_length = 5}},
            {&NewProduct::price, {.min = 0.01, .max = 100}},
            {&NewProduct::quantity, {.min = 1, .max = 1000}},
            {&NewProduct::weight, {.min = 0.5}},
            {&NewProduct::note, {.max_length = 3}},
            {&NewProduct::tags, {.min_length = 1, .max_length = 2}}};
  }
};
BOOST_DESCRIBE_STRUCT(NewProduct, (), (name, price, quantity, weight, note, tags))

struct Empty {};
BOOST_DESCRIBE_STRUCT(Empty, (), ())

// More than 64 members: two bases of 40.
#define TIDEMARK_TEST_MEMBERS(p)                                                                                      \
  p##0, p##1, p##2, p##3, p##4, p##5, p##6, p##7, p##8, p##9, p##10, p##11, p##12, p##13, p##14, p##15, p##16, p##17, \
      p##18, p##19, p##20, p##21, p##22, p##23, p##24, p##25, p##26, p##27, p##28, p##29, p##30, p##31, p##32, p##33, \
      p##34, p##35, p##36, p##37, p##38, p##39
struct WideA {
  int TIDEMARK_TEST_MEMBERS(a);
};
BOOST_DESCRIBE_STRUCT(WideA, (), (TIDEMARK_TEST_MEMBERS(a)))
struct WideB {
  int TIDEMARK_TEST_MEMBERS(b);
};
BOOST_DESCRIBE_STRUCT(WideB, (), (TIDEMARK_TEST_MEMBERS(b)))
struct Wide : WideA, WideB {
  int last = 0;
};
BOOST_DESCRIBE_STRUCT(Wide, (WideA, WideB), (last))

}  // namespace tidemark::json::test
