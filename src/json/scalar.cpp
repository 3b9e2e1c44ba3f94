#include "json/scalar.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "json/utf8.hpp"
#include "json/writer.hpp"

namespace tidemark::json {
namespace {

constexpr std::size_t SHOWN_CHARACTERS_MAX = 60;

template <class T>
T load(const void* value) {
  T copy;
  std::memcpy(&copy, value, sizeof copy);
  return copy;
}

template <class T>
void store(void* value, T number) {
  std::memcpy(value, &number, sizeof number);
}

// Stores the low bytes: right for both signs, and for either order of bytes.
void store_integer(void* value, std::uint64_t bits, std::uint32_t size) {
  switch (size) {
    case 1: return store(value, static_cast<std::uint8_t>(bits));
    case 2: return store(value, static_cast<std::uint16_t>(bits));
    case 4: return store(value, static_cast<std::uint32_t>(bits));
    default: return store(value, bits);
  }
}

std::int64_t lowest(const TypeInfo& type) {
  return type.is_signed ? std::numeric_limits<std::int64_t>::min() >> (64 - 8 * type.size) : 0;
}

std::uint64_t highest(const TypeInfo& type) {
  return std::numeric_limits<std::uint64_t>::max() >> (64 - 8 * type.size + (type.is_signed ? 1 : 0));
}

Failure expected(std::string what, std::string_view got) {
  return fail(ErrorCode::invalid, "expected " + std::move(what) + ", got " + std::string{got});
}

std::string enumerator_names(const TypeInfo& type) {
  std::string names = "one of ";
  for (const auto& enumerator : type.enumerators) {
    if (&enumerator != type.enumerators.data()) names += ", ";
    names += quote(enumerator.name);
  }
  return names;
}

std::string description(const TypeInfo& type) {
  switch (type.kind) {
    case TypeKind::boolean: return "true or false";
    case TypeKind::integer: return "an integer";
    case TypeKind::real: return "a number";
    case TypeKind::string: return "a string";
    case TypeKind::enumeration: return enumerator_names(type);
    case TypeKind::money: return "a decimal number with at most 2 digits after the point";
    case TypeKind::time: return "a time such as \"2026-01-31T12:00:00.000Z\"";
    case TypeKind::optional: return description(*type.element);
    case TypeKind::vector: return "an array";
    case TypeKind::map:
    case TypeKind::object:
    case TypeKind::variant: return "an object";
    case TypeKind::json: return "JSON";
  }
  return "a value";
}

bool is_integer_literal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

Failure wrong_integer(std::string_view text, const TypeInfo& type) {
  if (!is_integer_literal(text)) return mismatch(type, shortened(text, SHOWN_CHARACTERS_MAX));
  return expected("an integer from " + std::to_string(lowest(type)) + " to " + std::to_string(highest(type)),
                  shortened(text, SHOWN_CHARACTERS_MAX));
}

Result<void> read_integer(std::string_view text, void* value, const TypeInfo& type) {
  const char* const end = text.data() + text.size();
  if (type.is_signed) {
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    const bool fits = number >= lowest(type) && number <= static_cast<std::int64_t>(highest(type));
    if (error != std::errc{} || stop != end || !fits) return wrong_integer(text, type);
    store_integer(value, static_cast<std::uint64_t>(number), type.size);
    return {};
  }
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number > highest(type)) return wrong_integer(text, type);
  store_integer(value, number, type.size);
  return {};
}

Result<void> read_real(std::string_view text, void* value, const TypeInfo& type) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc::result_out_of_range)
    return expected("a number that a double can hold", shortened(text, SHOWN_CHARACTERS_MAX));
  // from_chars takes "inf" and "nan", too.
  if (error != std::errc{} || stop != end || !std::isfinite(number))
    return mismatch(type, shortened(text, SHOWN_CHARACTERS_MAX));
  store(value, number);
  return {};
}

Result<void> read_money(std::string_view text, void* value, const TypeInfo& type) {
  const auto money = Money::try_parse(text);
  if (money) {
    store(value, *money);
    return {};
  }
  const auto point = text.find('.');
  const bool is_decimal =
      is_integer_literal(text.substr(0, point)) &&
      (point == text.npos || (text.size() - point <= 3 && is_integer_literal(text.substr(point + 1))));
  const auto got = shortened(text, SHOWN_CHARACTERS_MAX);
  return is_decimal ? expected("an amount of at most 92233720368547758.07", got) : mismatch(type, got);
}

Result<void> read_enumeration(std::string_view text, void* value, const TypeInfo& type) {
  for (const auto& enumerator : type.enumerators) {
    if (enumerator.name != text) continue;
    store_integer(value, static_cast<std::uint64_t>(enumerator.value), type.size);
    return {};
  }
  return mismatch(type, shown(text));
}

Result<std::string_view> enumerator_name(const void* value, const TypeInfo& type) {
  const auto number = load_signed(value, type);
  for (const auto& enumerator : type.enumerators)
    if (enumerator.value == number) return enumerator.name;
  return fail(ErrorCode::invalid,
              "the value " + std::to_string(number) + " of the enum " + std::string{type.name} + " has no name");
}

}  // namespace

std::string_view format(std::int64_t number, ScalarBuffer& buffer) {
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

std::string_view format(std::uint64_t number, ScalarBuffer& buffer) {
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

std::string_view format(double number, ScalarBuffer& buffer) {
  // to_chars alone would write 100000 as 1e+05. Between these bounds the plain form is at most 24 characters long.
  const double magnitude = std::fabs(number);
  const bool is_plain = number == 0 || (magnitude >= 1e-5 && magnitude < 1e16);
  const auto form = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, form).ptr;
  return {buffer.data(), end};
}

std::string_view format(Money money, ScalarBuffer& buffer) {
  const std::int64_t minor = money.minor();
  std::uint64_t magnitude = minor < 0 ? 0 - static_cast<std::uint64_t>(minor) : static_cast<std::uint64_t>(minor);
  char* at = buffer.data();
  if (minor < 0) *at++ = '-';
  at = std::to_chars(at, buffer.data() + buffer.size(), magnitude / 100).ptr;
  magnitude %= 100;
  if (magnitude != 0) {
    *at++ = '.';
    *at++ = static_cast<char>('0' + magnitude / 10);
    if (magnitude % 10 != 0) *at++ = static_cast<char>('0' + magnitude % 10);
  }
  return {buffer.data(), at};
}

std::int64_t load_signed(const void* value, const TypeInfo& type) {
  switch (type.size) {
    case 1: return type.is_signed ? load<std::int8_t>(value) : load<std::uint8_t>(value);
    case 2: return type.is_signed ? load<std::int16_t>(value) : load<std::uint16_t>(value);
    case 4: return type.is_signed ? load<std::int32_t>(value) : std::int64_t{load<std::uint32_t>(value)};
    default: return load<std::int64_t>(value);
  }
}

std::uint64_t load_unsigned(const void* value, const TypeInfo& type) {
  return static_cast<std::uint64_t>(load_signed(value, type));
}

Result<std::string_view> scalar_text(const void* value, const TypeInfo& type, ScalarBuffer& buffer) {
  switch (type.kind) {
    case TypeKind::boolean: return std::string_view{*static_cast<const bool*>(value) ? "true" : "false"};
    case TypeKind::integer:
      return type.is_signed ? format(load_signed(value, type), buffer) : format(load_unsigned(value, type), buffer);
    case TypeKind::real: {
      const double number = load<double>(value);
      if (!std::isfinite(number)) return fail(ErrorCode::invalid, "a number that is not finite has no JSON form");
      return format(number, buffer);
    }
    case TypeKind::string: return std::string_view{*static_cast<const std::string*>(value)};
    case TypeKind::enumeration: return enumerator_name(value, type);
    case TypeKind::money: return format(load<Money>(value), buffer);
    case TypeKind::time: {
      const auto text = format(load<TimePoint>(value), buffer);
      if (text.empty()) return fail(ErrorCode::invalid, "a time outside the years 0000 to 9999 has no RFC 3339 form");
      return text;
    }
    default: TIDEMARK_ASSERT(false, "the text of a type that is no scalar"); return std::string_view{};
  }
}

Result<void> read_number(std::string_view text, void* value, const TypeInfo& type) {
  switch (type.kind) {
    case TypeKind::integer: return read_integer(text, value, type);
    case TypeKind::real: return read_real(text, value, type);
    case TypeKind::money: return read_money(text, value, type);
    default: return mismatch(type, shortened(text, SHOWN_CHARACTERS_MAX));
  }
}

Result<void> read_text(std::string_view text, void* value, const TypeInfo& type) {
  switch (type.kind) {
    case TypeKind::string: static_cast<std::string*>(value)->assign(text); return {};
    case TypeKind::enumeration: return read_enumeration(text, value, type);
    case TypeKind::time:
      if (const auto time = parse_time(text)) {
        store(value, *time);
        return {};
      }
      return mismatch(type, shown(text));
    default: return mismatch(type, shown(text));
  }
}

Failure mismatch(const TypeInfo& type, std::string_view got) { return expected(description(type), got); }

std::string shown(std::string_view text) { return quote(shortened(text, SHOWN_CHARACTERS_MAX)); }

}  // namespace tidemark::json
