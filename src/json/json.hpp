// JSON text ⇄ described structs, without a tree of values between. This is the face for code below the public API;
// to_json and from_json in tidemark/described.hpp are the same with exceptions.
//
// Reading is strict: UTF-8 only, no comments, no trailing commas, no member twice, no number beyond a double,
// integers and Money exact, nothing converted. Only the first error is reported; it names the path, `items[2].quantity:
// expected an integer, got "x"`. Writing escapes what must be and replaces bytes that are not UTF-8 by U+FFFD; members
// come in their order, absent optional members are left out. What it wrote it reads back to the same value, down to the
// bits of doubles.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "tidemark/described.hpp"

namespace tidemark::json {

inline constexpr std::size_t DEPTH_MAX = 64;

struct ReadOptions {
  std::size_t depth_max = DEPTH_MAX;  // of nested objects and arrays
  bool reject_unknown = false;        // a member that the struct has not is an error, not passed over
};

// Appends the value's JSON. `invalid` for a double that is not finite, an enum without a name, a time outside the
// years 0000 to 9999 and what is nested deeper than DEPTH_MAX; `out` then has the text up to there.
Result<void> write(std::string& out, const void* value, const TypeInfo& type);

// Fills the value. `malformed` for what is not JSON, with line and column; `invalid` with the path (in `about`) for
// a value that is wrong; either way the value is then half filled. What it held before is gone.
Result<void> read(std::string_view text, void* value, const TypeInfo& type, const ReadOptions& options = {});

// Whether the text is one JSON value that read() could take: `malformed` if not. Repeated members pass.
Result<void> validate(std::string_view text, std::size_t depth_max = DEPTH_MAX);

// The same for a type known here. Call them as json::…, or the compiler finds those of tidemark, too.
template <class T>
Result<std::string> to_json(const T& value) {
  std::string out;
  TIDEMARK_TRY(write(out, &value, type_of<T>()));
  return out;
}

template <class T>
Result<T> from_json(std::string_view text, const ReadOptions& options = {}) {
  T value{};
  TIDEMARK_TRY(read(text, &value, type_of<T>(), options));
  return value;
}

}  // namespace tidemark::json
