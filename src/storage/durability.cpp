#include <charconv>

#include "storage/storage.hpp"

namespace tidemark::storage {

Result<Durability> Durability::parse(std::string_view text) {
  constexpr std::string_view INTERVAL = "interval=";
  if (text == "always") return Durability{.mode = Mode::always};
  if (text == "never") return Durability{.mode = Mode::never};
  if (text.starts_with(INTERVAL)) {
    const std::string_view number = text.substr(INTERVAL.size());
    std::int64_t ms = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), ms);
    const bool whole = error == std::errc{} && end == number.data() + number.size();
    if (whole && ms >= 1 && ms <= 3'600'000) {
      return Durability{.mode = Mode::interval, .interval = std::chrono::milliseconds{ms}};
    }
    return fail(ErrorCode::invalid,
                "'" + std::string{number} + "' is not a number of milliseconds from 1 to 3600000 (an hour)",
                "durability");
  }
  return fail(ErrorCode::invalid,
              "'" + std::string{text} + "' is none of 'always', 'interval=<milliseconds>' and 'never'", "durability");
}

}  // namespace tidemark::storage
