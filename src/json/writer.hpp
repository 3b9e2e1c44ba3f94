// Writer: composes JSON text piece by piece, for what is no described struct (problem+json, OpenAPI, pages).
//
//   json::Writer w;
//   w.begin_object().member("status", 404).key("items");
//   w.begin_array().value("a").raw(document).end_array().end_object();
//   std::move(w).text();   // {"status":404,"items":["a",{…}]}
//
// Commas and escapes are its business; that keys and values alternate, and that what is begun is ended, is asserted.
#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tidemark/money.hpp"
#include "tidemark/time.hpp"

namespace tidemark::json {

// The JSON string of a text, with its quotes. Bytes that are not UTF-8 become U+FFFD.
std::string quote(std::string_view text);
void append_quoted(std::string& out, std::string_view text);

class Writer {
 public:
  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);

  Writer& value(std::string_view text);
  Writer& value(const std::string& text) { return value(std::string_view{text}); }
  Writer& value(const char* text) { return value(std::string_view{text}); }
  Writer& value(bool flag);
  Writer& value(std::nullptr_t);
  Writer& value(double number);  // shortest that reads back to the same; null when not finite
  Writer& value(Money money);
  Writer& value(TimePoint time);  // null when outside the years 0000 to 9999
  template <std::integral I>
  Writer& value(I number) {
    if constexpr (std::signed_integral<I>) return signed_value(number);
    return unsigned_value(static_cast<std::uint64_t>(number));
  }
  // A value that is JSON already; the caller answers for that.
  Writer& raw(std::string_view json);

  template <class T>
  Writer& member(std::string_view name, const T& v) {
    return key(name).value(v);
  }
  Writer& raw_member(std::string_view name, std::string_view json) { return key(name).raw(json); }

  // What was written; it must be one whole value.
  const std::string& text() const&;
  std::string text() &&;

 private:
  struct Level {
    bool is_object;
    bool is_empty;
  };
  void before_value();
  Writer& begin(bool is_object);
  Writer& end(bool is_object);
  Writer& signed_value(std::int64_t number);
  Writer& unsigned_value(std::uint64_t number);

  std::string out_;
  std::vector<Level> levels_;
  bool after_key_ = false;
};

}  // namespace tidemark::json
