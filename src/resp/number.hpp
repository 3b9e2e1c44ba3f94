// The numbers of the protocol, read strictly: the whole text, nothing else.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace tidemark::resp {

// Digits, with '-' or '+' before them if need be; nothing for other text and for what does not fit.
std::optional<std::int64_t> read_integer(std::string_view text) noexcept;
// "1.5", "-1e20", "inf", "-inf", "nan"; nothing for other text and for what is out of range.
std::optional<double> read_real(std::string_view text) noexcept;
// Digits, as many as there are, with a sign if need be.
bool is_big_number(std::string_view text) noexcept;

}  // namespace tidemark::resp
