// PageCursor: where a page of a query ended, as text for the outside.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidemark::store {

// A position, not a count: the page after it begins with the first document behind it, whatever was put or erased
// meanwhile. It holds in every partition alike.
struct PageCursor {
  std::uint64_t order = 0;  // what the query is ordered by: the collection, the definition of its index, the direction
  std::string position;     // of the last document: the encoded value, if it was by an index, and the id

  // In letters, digits, '-' and '_', so that it can stand in a URL.
  std::string text() const;
  // `invalid` for anything that text() does not write.
  static Result<PageCursor> parse(std::string_view text);
};

}  // namespace tidemark::store
