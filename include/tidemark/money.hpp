// Money: an amount in minor units (cents), exact. No currency: a service works in one.
//
//   const Money fee = (price * quantity).percent(20);     // 12.34 * 3 → 37.02 → 7.40
//
// In JSON and in events it is a decimal number in its shortest form: 12.34, 12.5, 12. Reading takes at most two
// digits after the point and no exponent, so nothing is ever rounded.
#pragma once
#include <compare>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

// Arithmetic that leaves the range (±92 quadrillion) throws Invalid; it never wraps around.
class Money {
 public:
  constexpr Money() = default;  // 0.00

  static constexpr Money from_minor(std::int64_t minor) { return Money{minor}; }
  // "12.34", "12.5", "-3": throws Invalid for anything else, spaces, signs "+" and exponents too.
  static Money parse(std::string_view text);
  // The same, nothing instead of an exception.
  static std::optional<Money> try_parse(std::string_view text) noexcept;

  constexpr std::int64_t minor() const { return minor_; }
  std::string to_string() const;  // always with two digits: "12.00", "-0.05"

  // This many percent of the amount, to the nearest minor unit, halves away from zero: 0.05 → 10 % is 0.01.
  Money percent(std::int64_t percent) const;

  Money operator-() const;
  Money& operator+=(Money other);
  Money& operator-=(Money other);
  Money& operator*=(std::int64_t factor);
  friend Money operator+(Money a, Money b) { return a += b; }
  friend Money operator-(Money a, Money b) { return a -= b; }
  friend Money operator*(Money a, std::int64_t factor) { return a *= factor; }
  friend Money operator*(std::int64_t factor, Money a) { return a *= factor; }
  friend constexpr auto operator<=>(const Money&, const Money&) = default;

 private:
  explicit constexpr Money(std::int64_t minor) : minor_{minor} {}
  std::int64_t minor_ = 0;
};

std::ostream& operator<<(std::ostream& out, Money money);  // as to_string()

}  // namespace tidemark
