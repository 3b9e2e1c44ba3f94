// Any values of the protocol, for property tests.
#pragma once
#include <rapidcheck.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "resp/value.hpp"

namespace tidemark::resp::test {

using Kind = Value::Kind;

inline std::string any_bytes(std::size_t size_max) {
  const auto size = *rc::gen::inRange<std::size_t>(0, size_max);
  return *rc::gen::container<std::string>(size, rc::gen::arbitrary<char>());
}

// What can stand on a line.
inline std::string any_line() {
  std::string text = any_bytes(20);
  for (char& byte : text) {
    if (byte == '\r' || byte == '\n') byte = ' ';
  }
  return text;
}

inline double any_real() {
  using Limit = std::numeric_limits<double>;
  if (*rc::gen::inRange(0, 4) == 0)
    return *rc::gen::element(0.0, -0.0, Limit::infinity(), -Limit::infinity(), Limit::max(), Limit::denorm_min());
  return *rc::gen::arbitrary<double>();
}

// Without a NaN, which is equal to nothing, and without push messages, which stand within nothing.
inline Value any_value(int depth) {
  Value value;
  value.kind = depth > 0 && *rc::gen::arbitrary<bool>()
                   ? *rc::gen::element(Kind::array, Kind::set, Kind::map)
                   : *rc::gen::element(Kind::null, Kind::simple_string, Kind::error, Kind::bulk_string, Kind::verbatim,
                                       Kind::big_number, Kind::integer, Kind::boolean, Kind::real);
  switch (value.kind) {
    case Kind::simple_string:
    case Kind::error: value.text = any_line(); break;
    case Kind::bulk_string:
    case Kind::verbatim: value.text = any_bytes(200); break;
    case Kind::big_number:
      value.text = (*rc::gen::arbitrary<bool>() ? "-" : "") + std::to_string(*rc::gen::arbitrary<std::uint64_t>()) +
                   std::to_string(*rc::gen::arbitrary<std::uint64_t>());
      break;
    case Kind::integer: value.number = *rc::gen::arbitrary<std::int64_t>(); break;
    case Kind::boolean: value.number = *rc::gen::inRange(0, 2); break;
    case Kind::real: value.real = any_real(); break;
    default: break;
  }
  if (value.is_list()) {
    std::size_t count = *rc::gen::inRange<std::size_t>(0, 5);
    if (value.kind == Kind::map) count *= 2;
    while (value.items.size() < count) value.items.push_back(any_value(depth - 1));
  }
  return value;
}

inline std::vector<std::string> any_request() {
  const auto count = *rc::gen::inRange<std::size_t>(1, 6);
  std::vector<std::string> request;
  while (request.size() < count) request.push_back(any_bytes(200));
  return request;
}

// Cuts the bytes anywhere, so that all of them together are what they were.
inline std::vector<std::string_view> any_pieces(std::string_view bytes) {
  std::vector<std::string_view> pieces;
  while (!bytes.empty()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, bytes.size() + 1);
    pieces.push_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return pieces;
}

}  // namespace tidemark::resp::test
