// Described structs: plain structs that Tidemark can read and write, after one line of Boost.Describe.
//
//   enum class Status { pending, completed };
//   BOOST_DESCRIBE_ENUM(Status, pending, completed)
//
//   struct Order {
//     std::string id;
//     int quantity = 1;
//     Status status = Status::pending;
//     std::optional<std::string> note;
//
//     static tidemark::Constraints<Order> constraints() {                       // optional
//       return {{&Order::quantity, {.min = 1, .max = 1000}}, {&Order::note, {.max_length = 200}}};
//     }
//   };
//   BOOST_DESCRIBE_STRUCT(Order, (), (id, quantity, status, note))
//
//   const std::string text = tidemark::to_json(order);          // {"id":"7","quantity":1,"status":"pending"}
//   const auto order = tidemark::from_json<Order>(text);
//
// A member may be bool, an integer of 8 to 64 bits, double, std::string, a described enum (by name), Money,
// TimePoint, a described struct, and std::optional, std::vector or std::map<std::string, …> of these. A
// std::variant of described structs is an object with the further member "type", which holds the name of the
// alternative's struct. Members of described public bases come first.
#pragma once
#include <array>
#include <bit>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <concepts>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tidemark/money.hpp"
#include "tidemark/time.hpp"
#include "tidemark/type_info.hpp"

namespace tidemark {

// A member that may be any JSON: its text goes out as it is, and comes in as it was (null, in an optional, empties it).
// Whoever sets it answers for its being JSON; empty, it is written as null.
struct Json {
  std::string text;
};

// The table of T; the same address for the same type everywhere.
template <class T>
constexpr const TypeInfo& type_of();

// The JSON of a value: members in their order, absent optional members left out. Strings that are not UTF-8 are
// written with U+FFFD in place of the wrong bytes. Throws Invalid for what JSON can't say (a double that is not
// finite, an enum without a name, a time outside the years 0000 to 9999) and for more than 64 levels.
template <class T>
std::string to_json(const T& value);

// A value from JSON. Throws Malformed for what is not JSON (with line and column) and Invalid for a wrong value,
// with its path: `items[2].quantity: expected an integer, got "x"`. Every member must be there that is not a
// std::optional, once; unknown members are passed over. Integers and Money are read exactly, and nothing is
// converted: 1.0 is no integer, "1" no number. At most 64 levels deep.
template <class T>
T from_json(std::string_view text);

// The field behind a member pointer: field_of(&Order::id). For a member that Order has from a base, name the
// struct: field_of<Order>(&Base::id). Throws Invalid for a member that is not described.
template <class M, class C>
const FieldInfo& field_of(M C::*member);
template <class T, class M, class C>
requires std::derived_from<T, C>
const FieldInfo& field_of(M C::*member);

// What T::constraints() returns: limits on members. A base's constraints hold for what derives from it, too,
// unless it has its own. They hold wherever a T is read, stored documents and events too: narrowed, they make
// unreadable what is stored already, so they belong on the structs of request bodies.
template <class T>
class Constraints;

}  // namespace tidemark

#include "tidemark/detail/type_table.hpp"
