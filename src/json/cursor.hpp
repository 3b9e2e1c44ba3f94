// Cursor: walks over JSON text by hand, skipping what nobody asked for. It trusts the text to be JSON where it
// skips and never reads beyond its end.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::json {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_{text} {}

  std::size_t offset() const { return at_; }
  // The next character that is not white space, without taking it; NUL at the end.
  char peek();
  // Takes that character if it is `c`.
  bool take(char c);

  // Takes a string and returns what stands between its quotes, still escaped; nothing if there is no whole string.
  std::optional<std::string_view> string();
  // Takes a number or a literal; empty if there is none.
  std::string_view word();
  // Takes any value, whatever its depth; false if there is no whole one.
  [[nodiscard]] bool skip();

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// The text of a string as string() returns it; nothing for a wrong escape.
std::optional<std::string> unescaped(std::string_view escaped);

// Whether the escaped string says `text`.
bool says(std::string_view escaped, std::string_view text);

}  // namespace tidemark::json
