// Scalar members ⇄ their text. JSON and stream fields write numbers, Money, times and enums alike; they differ in
// the quotes only.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "tidemark/money.hpp"
#include "tidemark/time.hpp"
#include "tidemark/type_info.hpp"

namespace tidemark::json {

// Room for any number or time: the longest is a double, "-1.2345678901234567e-308".
using ScalarBuffer = std::array<char, 32>;

// Each writes into the buffer and returns what it wrote there.
std::string_view format(std::int64_t number, ScalarBuffer& buffer);
std::string_view format(std::uint64_t number, ScalarBuffer& buffer);
// The shortest text that reads back to the same bits; the number must be finite.
std::string_view format(double number, ScalarBuffer& buffer);
std::string_view format(Money money, ScalarBuffer& buffer);
// RFC 3339 in UTC with milliseconds; empty for a time outside the years 0000 to 9999.
std::string_view format(TimePoint time, ScalarBuffer& buffer);

// RFC 3339 with any offset; digits behind the milliseconds are dropped.
std::optional<TimePoint> parse_time(std::string_view text) noexcept;

constexpr bool is_scalar(TypeKind kind) { return kind <= TypeKind::time; }

// The value of an integer or an enumeration, whatever its size.
std::int64_t load_signed(const void* value, const TypeInfo& type);
std::uint64_t load_unsigned(const void* value, const TypeInfo& type);

// The text of a scalar (not of an optional), in the buffer or in the value itself. `invalid` for a double that is
// not finite, an enum without a name and a time that RFC 3339 can't say.
Result<std::string_view> scalar_text(const void* value, const TypeInfo& type, ScalarBuffer& buffer);

// Reads a JSON number into a value of kind integer, real or money.
Result<void> read_number(std::string_view text, void* value, const TypeInfo& type);

// Reads a text into a value of kind string, enumeration or time.
Result<void> read_text(std::string_view text, void* value, const TypeInfo& type);

// The `invalid` failure of a value of the wrong type: "expected an integer, got <got>".
Failure mismatch(const TypeInfo& type, std::string_view got);

// A text as messages show it: quoted, long ones shortened.
std::string shown(std::string_view text);

}  // namespace tidemark::json
