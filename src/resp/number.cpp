#include "resp/number.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace tidemark::resp {
namespace {

bool is_digit(char byte) noexcept { return byte >= '0' && byte <= '9'; }

std::string_view without_plus(std::string_view text) noexcept {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

}  // namespace

std::optional<std::int64_t> read_integer(std::string_view text) noexcept {
  text = without_plus(text);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> read_real(std::string_view text) noexcept {
  text = without_plus(text);
  using Limit = std::numeric_limits<double>;
  if (text == "inf") return Limit::infinity();
  if (text == "-inf") return -Limit::infinity();
  if (text == "nan" || text == "-nan") return Limit::quiet_NaN();
  // from_chars takes more spellings of these than the protocol has.
  const auto is_allowed = [](char byte) {
    return is_digit(byte) || byte == '.' || byte == 'e' || byte == 'E' || byte == '-' || byte == '+';
  };
  if (!std::all_of(text.begin(), text.end(), is_allowed)) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_big_number(std::string_view text) noexcept {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace tidemark::resp
