#include "model/index_key.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace tidemark::model {
namespace {

// The first byte says the kind, in the order of the kinds.
constexpr char TAG_NULL = 1, TAG_FALSE = 2, TAG_TRUE = 3, TAG_NUMBER = 4, TAG_STRING = 5;

// A string ends with END; the two bytes that could be mistaken are escaped, in an order that keeps theirs.
constexpr char END = 0, ESCAPE = 1, ESCAPED_0 = 1, ESCAPED_1 = 2;

// A number is the highest double that is not above it, and how far it is above that. The doubles next to a 64-bit
// integer are at most 2^11 apart (at 2^63 to 2^64, with a mantissa of 53 bits), so two bytes hold the distance.
constexpr std::size_t NUMBER_BYTES = 1 + 8 + 2;

// Bits that compare, as unsigned numbers, as the doubles do: the sign is flipped, negative ones are turned round.
std::uint64_t ordered_bits(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);  // -0.0 is 0.0
  constexpr std::uint64_t SIGN = 1ull << 63;
  return (bits & SIGN) != 0 ? ~bits : bits | SIGN;
}

void append_number(std::string& out, double floor, std::uint16_t above) {
  char bytes[NUMBER_BYTES] = {TAG_NUMBER};
  const auto bits = ordered_bits(floor);
  for (std::size_t i = 0; i < 8; ++i) bytes[1 + i] = static_cast<char>(bits >> (56 - 8 * i));
  bytes[9] = static_cast<char>(above >> 8);
  bytes[10] = static_cast<char>(above);
  out.append(bytes, NUMBER_BYTES);
}

// `Integer` is a 64-bit one. The conversion rounds to nearest, so the double may be above it, or even beyond its range
// (2^63 or 2^64, which cannot be converted back).
template <class Integer>
void append_integer(std::string& out, Integer value) {
  auto floor = static_cast<double>(value);
  const double beyond = std::ldexp(1.0, std::numeric_limits<Integer>::digits);
  if (floor >= beyond || static_cast<Integer>(floor) > value) {
    floor = std::nextafter(floor, -std::numeric_limits<double>::infinity());
  }
  append_number(out, floor, static_cast<std::uint16_t>(value - static_cast<Integer>(floor)));
}

void append_string(std::string& out, std::string_view value) {
  out.push_back(TAG_STRING);
  for (const char c : value) {
    if (c != END && c != ESCAPE) {
      out.push_back(c);
      continue;
    }
    out.push_back(ESCAPE);
    out.push_back(c == END ? ESCAPED_0 : ESCAPED_1);
  }
  out.push_back(END);
}

}  // namespace

Result<void> append_index_value(std::string& out, const IndexValue& value) {
  if (std::holds_alternative<std::nullptr_t>(value)) {
    out.push_back(TAG_NULL);
  } else if (const auto* boolean = std::get_if<bool>(&value)) {
    out.push_back(*boolean ? TAG_TRUE : TAG_FALSE);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    append_integer(out, *integer);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value)) {
    append_integer(out, *natural);
  } else if (const auto* number = std::get_if<double>(&value)) {
    if (std::isnan(*number)) return fail(ErrorCode::invalid, "not a number has no place in an index");
    append_number(out, *number, 0);
  } else {
    const auto& text = std::get<std::string>(value);
    if (text.size() > INDEXED_STRING_BYTES_MAX) {
      return fail(ErrorCode::too_large,
                  detail::concatenate("a string of ", text.size(), " bytes can't be indexed: at most ",
                                      INDEXED_STRING_BYTES_MAX, " can"));
    }
    append_string(out, text);
  }
  return {};
}

std::optional<std::size_t> index_value_size(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  switch (bytes.front()) {
    case TAG_NULL:
    case TAG_FALSE:
    case TAG_TRUE: return 1;
    case TAG_NUMBER: return bytes.size() < NUMBER_BYTES ? std::nullopt : std::optional{NUMBER_BYTES};
    case TAG_STRING: {
      const auto end = bytes.find(END, 1);
      return end == std::string_view::npos ? std::nullopt : std::optional{end + 1};
    }
    default: return std::nullopt;
  }
}

bool is_null_index_value(std::string_view encoded) { return !encoded.empty() && encoded.front() == TAG_NULL; }

}  // namespace tidemark::model
