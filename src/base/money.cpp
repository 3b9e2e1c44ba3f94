#include "tidemark/money.hpp"

#include <charconv>
#include <limits>
#include <ostream>

#include "tidemark/error.hpp"

namespace tidemark {
namespace {

__extension__ using Wide = __int128;  // holds any product of two amounts

constexpr std::uint64_t MINOR_PER_WHOLE = 100;

Money checked(Wide minor) {
  if (minor < std::numeric_limits<std::int64_t>::min() || minor > std::numeric_limits<std::int64_t>::max())
    throw Invalid{"an amount of money left the range of ±92233720368547758.07"};
  return Money::from_minor(static_cast<std::int64_t>(minor));
}

// Digits only, all of them.
std::optional<std::uint64_t> whole_number(std::string_view digits) noexcept {
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<Money> Money::try_parse(std::string_view text) noexcept {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = whole_number(text.substr(0, point));
  if (!whole || *whole > std::numeric_limits<std::int64_t>::max() / MINOR_PER_WHOLE) return std::nullopt;
  std::uint64_t minor = *whole * MINOR_PER_WHOLE;
  if (point != std::string_view::npos) {
    const auto digits = text.substr(point + 1);
    const auto fraction = whole_number(digits);
    if (!fraction || digits.size() > 2) return std::nullopt;
    minor += digits.size() == 1 ? *fraction * 10 : *fraction;
  }
  // The lowest amount has a magnitude of one more than the highest.
  constexpr std::uint64_t HIGHEST = std::numeric_limits<std::int64_t>::max();
  if (minor > HIGHEST + (is_negative ? 1 : 0)) return std::nullopt;
  return Money{static_cast<std::int64_t>(is_negative ? 0 - minor : minor)};
}

Money Money::parse(std::string_view text) {
  const auto money = try_parse(text);
  if (!money)
    throw Invalid{"expected an amount such as 12.34, with at most 2 digits after the point, got \"" +
                  std::string{text.substr(0, 60)} + '"'};
  return *money;
}

std::string Money::to_string() const {
  const std::uint64_t magnitude =
      minor_ < 0 ? 0 - static_cast<std::uint64_t>(minor_) : static_cast<std::uint64_t>(minor_);
  const auto cents = static_cast<char>(magnitude % MINOR_PER_WHOLE);
  std::string text = minor_ < 0 ? "-" : "";
  text += std::to_string(magnitude / MINOR_PER_WHOLE);
  text += '.';
  text += static_cast<char>('0' + cents / 10);
  text += static_cast<char>('0' + cents % 10);
  return text;
}

Money Money::percent(std::int64_t percent) const {
  const Wide hundredfold = static_cast<Wide>(minor_) * percent;
  const Wide half = hundredfold < 0 ? -50 : 50;
  return checked((hundredfold + half) / 100);  // the division drops the rest, towards zero
}

Money Money::operator-() const { return checked(-static_cast<Wide>(minor_)); }

Money& Money::operator+=(Money other) { return *this = checked(static_cast<Wide>(minor_) + other.minor_); }

Money& Money::operator-=(Money other) { return *this = checked(static_cast<Wide>(minor_) - other.minor_); }

Money& Money::operator*=(std::int64_t factor) { return *this = checked(static_cast<Wide>(minor_) * factor); }

std::ostream& operator<<(std::ostream& out, Money money) { return out << money.to_string(); }

}  // namespace tidemark
