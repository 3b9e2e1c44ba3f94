// Random values of the test types, hard ones first: extremes, any unicode, any bits of a double.
#pragma once
#include <rapidcheck.h>

#include <bit>
#include <cmath>

#include "json/test_types.hpp"
#include "json/utf8.hpp"

namespace tidemark::json::test {

inline std::string any_text() {
  const auto code_points = *rc::gen::container<std::vector<std::uint32_t>>(
      rc::gen::oneOf(rc::gen::inRange<std::uint32_t>(0, 0x80), rc::gen::inRange<std::uint32_t>(0, 0x110000),
                     rc::gen::element<std::uint32_t>(0, '"', '\\', 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF,
                                                     0x10000, 0x10FFFF)));
  std::string text;
  for (const auto code_point : code_points)
    if (code_point < 0xD800 || code_point > 0xDFFF) append_utf8(text, code_point);
  return text;
}

inline double any_double() {
  const auto bits = *rc::gen::oneOf(
      rc::gen::arbitrary<std::uint64_t>(),
      rc::gen::map(rc::gen::arbitrary<double>(), [](double d) { return std::bit_cast<std::uint64_t>(d); }),
      rc::gen::map(rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000),
                   [](std::int64_t i) { return std::bit_cast<std::uint64_t>(static_cast<double>(i) / 100); }));
  const auto number = std::bit_cast<double>(bits);
  return std::isfinite(number) ? number : 0;
}

template <class I>
I any_integer() {
  return *rc::gen::oneOf(rc::gen::arbitrary<I>(),
                         rc::gen::element<I>(std::numeric_limits<I>::min(), std::numeric_limits<I>::max(), 0));
}

inline TimePoint any_time() {
  // Years 0000 to 9999.
  return TimePoint{
      std::chrono::milliseconds{*rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'800'000)}};
}

inline bool any_bool() { return *rc::gen::arbitrary<bool>(); }

template <class Make>
auto any_optional(Make make) -> std::optional<decltype(make())> {
  if (any_bool()) return std::nullopt;
  return make();
}

template <class Make>
auto any_vector(Make make) {
  std::vector<decltype(make())> values;
  for (int left = *rc::gen::inRange(0, 4); left > 0; --left) values.push_back(make());
  return values;
}

inline Integers any_integers() {
  return {any_integer<std::int8_t>(),       any_integer<std::uint8_t>(),  any_integer<std::int16_t>(),
          any_integer<std::uint16_t>(),     any_integer<std::int32_t>(),  any_integer<std::uint32_t>(),
          any_integer<std::int64_t>(),      any_integer<std::uint64_t>(), any_integer<long>(),
          any_integer<unsigned long long>()};
}

inline Money any_money() { return Money::from_minor(any_integer<std::int64_t>()); }

inline Scalars any_scalars() {
  return {any_bool(),
          any_double(),
          any_text(),
          *rc::gen::element(Status::pending, Status::completed, Status::refunded),
          *rc::gen::element(Flag::low, Flag::high),
          any_money(),
          any_time()};
}

inline Item any_item() { return {any_text(), any_integer<int>(), any_optional(any_money)}; }

inline Payment any_payment() {
  if (any_bool()) return Card{any_text()};
  return Transfer{any_text(), any_optional(any_text)};
}

inline Order any_order() {
  Order order{.id = any_text(),
              .items = any_vector(any_item),
              .gift = any_optional(any_item),
              .tags = any_optional([] { return any_vector(any_text); }),
              .gaps = any_vector([] { return any_optional(any_integer<int>); }),
              .grid = any_vector([] { return any_vector(any_double); }),
              .payment = any_payment()};
  for (const auto& key : any_vector(any_text)) order.votes[key] = any_vector(any_integer<int>);
  return order;
}

}  // namespace tidemark::json::test
