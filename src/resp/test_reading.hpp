// What readers make of bytes that come in pieces: all values or requests, and how it ended.
#pragma once
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "resp/request_reader.hpp"
#include "resp/value_reader.hpp"

namespace tidemark::resp::test {

struct Values {
  std::vector<Value> values;
  std::string failure;    // its text
  bool is_whole = false;  // nothing has been begun
  friend bool operator==(const Values&, const Values&) = default;
};

inline Values read_values(const std::vector<std::string_view>& pieces, const Limits& limits = {}) {
  ValueReader reader{limits};
  Values read;
  for (std::string_view piece : pieces) {
    for (;;) {
      auto value = reader.next(piece);
      if (!value) {
        read.failure = value.error().text();
        return read;
      }
      if (!*value) break;
      read.values.push_back(**std::move(value));
    }
  }
  read.is_whole = reader.between_values();
  return read;
}

struct Requests {
  std::vector<std::vector<std::string>> requests;
  std::string failure;
  bool is_whole = false;
  friend bool operator==(const Requests&, const Requests&) = default;
};

inline Requests read_requests(const std::vector<std::string_view>& pieces, const Limits& limits = {}) {
  RequestReader reader{limits};
  Requests read;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const auto room = reader.prepare();
      const std::size_t count = std::min(room.size(), piece.size());
      std::memcpy(room.data(), piece.data(), count);
      reader.received(count);
      piece.remove_prefix(count);
      for (;;) {
        const auto request = reader.next();
        if (!request) {
          read.failure = request.error().text();
          return read;
        }
        if (request->empty()) break;
        read.requests.emplace_back(request->begin(), request->end());
      }
    }
  }
  read.is_whole = reader.waiting_bytes() == 0;
  return read;
}

// The same as whole, split in two anywhere, and byte by byte.
inline std::vector<std::vector<std::string_view>> all_splits(std::string_view bytes) {
  std::vector<std::vector<std::string_view>> splits;
  for (std::size_t at = 1; at < bytes.size(); ++at) splits.push_back({bytes.substr(0, at), bytes.substr(at)});
  splits.emplace_back();
  for (std::size_t at = 0; at < bytes.size(); ++at) splits.back().push_back(bytes.substr(at, 1));
  return splits;
}

}  // namespace tidemark::resp::test
