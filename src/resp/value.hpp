// Value: one value of the Redis serialization protocol, RESP2 or RESP3 (https://redis.io/docs/reference/protocol-spec).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::resp {

// Owns all that it holds. RESP2's null bulk string and null array, and RESP3's null, are all `null`.
struct Value {
  enum class Kind : std::uint8_t {
    null,
    simple_string,  // text
    error,          // text, with its code as the first word: "WRONGTYPE Operation against …"
    bulk_string,    // text, any bytes
    verbatim,       // text, without its "txt:"
    big_number,     // text, the decimal digits
    integer,        // number
    boolean,        // number, 0 or 1
    real,           // real ("double" of RESP3)
    array,          // items
    set,            // items
    push,           // items: what the server says unasked
    map,            // items: key, value, key, value, …
  };
  Kind kind = Kind::null;
  std::int64_t number = 0;
  double real = 0;
  std::string text;
  std::vector<Value> items;

  bool is_null() const noexcept { return kind == Kind::null; }
  bool is_error() const noexcept { return kind == Kind::error; }
  bool is_text() const noexcept {
    return kind == Kind::simple_string || kind == Kind::bulk_string || kind == Kind::verbatim;
  }
  bool is_list() const noexcept {
    return kind == Kind::array || kind == Kind::set || kind == Kind::push || kind == Kind::map;
  }
  // An error's first word: "MOVED", "WRONGTYPE". Empty for everything else.
  std::string_view error_code() const noexcept;

  friend bool operator==(const Value&, const Value&) = default;
};

}  // namespace tidemark::resp
