// DocumentQuery: a query as the server is asked: a range of members of a sorted set, and what comes back.
#pragma once
#include <string>
#include <vector>

#include "model/document.hpp"
#include "model/partition.hpp"
#include "store/redis/catalog.hpp"

namespace tidemark::store {

struct DocumentQuery {
  std::string set;              // the key that is asked
  std::string lowest, highest;  // for ZRANGE … BYLEX
  std::uint64_t order = 0;      // see PageCursor
  bool by_index = false;
  bool empty = false;  // nothing can be in the range
};

// `invalid` for an index, limit or cursor that is not of this collection.
Result<DocumentQuery> plan_query(const Collection& collection, const model::Partition& partition,
                                 const model::Query& query);

// A page with what a commit that expects it needs to say.
struct PageRead {
  model::Page page;
  std::vector<std::string> members;  // of the set, one for each document
};

// On a fiber of the server's thread. A `conflict` whose about is the collection's name says that this was declared anew
// and `collection` is not what it is any more.
Result<PageRead> ask_query(Server& server, const Collection& collection, const model::Partition& partition,
                           const DocumentQuery& planned, const model::Query& query);

// At most so many documents, and about so many bytes of them, are in one page.
constexpr std::size_t PAGE_BYTES_MAX = 16 << 20;

}  // namespace tidemark::store
