// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark::json {

// How many bytes at the start of the text are whole, valid characters.
std::size_t utf8_prefix(std::string_view text) noexcept;

inline bool is_utf8(std::string_view text) noexcept { return utf8_prefix(text) == text.size(); }

// The number of characters of a valid text.
std::size_t utf8_length(std::string_view text) noexcept;

// Appends the character of a code point, which must be one (no surrogate).
void append_utf8(std::string& out, char32_t code_point);

// The text with at most this many characters; "…" stands for what was cut off.
std::string shortened(std::string_view text, std::size_t characters_max);

inline constexpr std::string_view REPLACEMENT_CHARACTER = "\xEF\xBF\xBD";

}  // namespace tidemark::json
