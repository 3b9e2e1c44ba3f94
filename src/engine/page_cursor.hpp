// PageCursor: where a page of a query ended, as text for the outside.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidemark::engine {

// A position, not a count: the page after it begins with the first document behind it, whatever was put or erased
// meanwhile.
struct PageCursor {
  std::uint32_t collection = 0;
  std::uint32_t index = 0;  // the number of the index; 0 is the order of ids
  bool descending = false;
  std::string position;  // the key of the last document or entry, without what all keys of the range begin with

  // In letters, digits, '-' and '_', so that it can stand in a URL.
  std::string text() const;
  // `invalid` for anything that text() does not write.
  static Result<PageCursor> parse(std::string_view text);
};

}  // namespace tidemark::engine
