// StreamId: the id of an entry in a Redis stream, "<milliseconds>-<sequence>"; ids of a stream only rise.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidemark {

struct StreamId {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;

  friend constexpr auto operator<=>(const StreamId&, const StreamId&) = default;

  static constexpr StreamId min() { return {0, 0}; }
  static constexpr StreamId max() { return {UINT64_MAX, UINT64_MAX}; }

  // The id after this one. `max()` has none: asking is a bug.
  StreamId next() const;
  // The id before this one. `min()` has none: asking is a bug.
  StreamId previous() const;

  std::string text() const;  // "1700000000000-0"

  // Reads "ms-seq", or "ms" alone with `missing_seq` as its sequence (Redis: 0 for a start, max for an end).
  static Result<StreamId> parse(std::string_view text, std::uint64_t missing_seq = 0);
};

}  // namespace tidemark
