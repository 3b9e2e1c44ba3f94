#include "kit/admin/error_groups.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace tidemark::kit {
namespace {

constexpr std::string_view ELLIPSIS = "…";
constexpr std::size_t CHARACTERS_MAX = 200;
constexpr std::size_t QUOTED_BYTES_MAX = 200;  // a quotation mark without an end in this distance is none

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
// Of a word; bytes of other alphabets, too.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
// Keeps the parts of a number, an id or an address together, where more of the word follows.
bool joins(char c) { return c == '-' || c == '.' || c == ':' || c == ',' || c == '/' || c == '@' || c == '+'; }

// Where the word that begins at `from` ends.
std::size_t end_of_word(std::string_view text, std::size_t from) {
  const auto in_word = [&](std::size_t at) { return at < text.size() && (is_letter(text[at]) || is_digit(text[at])); };
  auto at = from;
  while (in_word(at) || (at > from && at < text.size() && joins(text[at]) && in_word(at + 1))) ++at;
  return at;
}

// Where the quotation that begins at `from` ends: behind its mark. An apostrophe within a word begins none.
std::optional<std::size_t> end_of_quotation(std::string_view text, std::size_t from) {
  const char mark = text[from];
  if (mark != '\'' && mark != '"' && mark != '`') return std::nullopt;
  if (from > 0 && (is_letter(text[from - 1]) || is_digit(text[from - 1]))) return std::nullopt;
  for (auto at = text.find(mark, from + 1); at != text.npos && at - from <= QUOTED_BYTES_MAX;
       at = text.find(mark, at + 1)) {
    const bool within_word =
        mark == '\'' && at + 1 < text.size() && (is_letter(text[at + 1]) || is_digit(text[at + 1]));
    if (!within_word) return at + 1;
  }
  return std::nullopt;
}

std::string shortened(std::string text) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (begins && ++characters > CHARACTERS_MAX) {
      text.resize(at);
      return text.append(ELLIPSIS);
    }
  }
  return text;
}

}  // namespace

std::string error_group(std::string_view error) {
  std::string group;
  for (std::size_t at = 0; at < error.size();) {
    const char c = error[at];
    if (const auto end = end_of_quotation(error, at)) {
      group.append(1, c).append(ELLIPSIS).append(1, c);
      at = *end;
    } else if (is_letter(c) || is_digit(c)) {
      const auto word = error.substr(at, end_of_word(error, at) - at);
      if (std::ranges::any_of(word, is_digit))
        group.append(ELLIPSIS);
      else
        group.append(word);
      at += word.size();
    } else {
      if (!is_space(c))
        group.push_back(c);
      else if (!group.empty() && group.back() != ' ')
        group.push_back(' ');
      ++at;
    }
  }
  while (!group.empty() && group.back() == ' ') group.pop_back();
  return shortened(std::move(group));
}

}  // namespace tidemark::kit
