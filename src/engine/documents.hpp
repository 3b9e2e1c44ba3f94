// Documents: JSON values with an id and a version, in collections, with the indexes that those declare.
//
// Changing happens under the engine's sequencing lock: check(commit), then apply(commit, batch), then the batch is
// committed, then committed(), before the next check(). check() remembers for apply() what it has read. Reading does
// not take that lock: find() and query() may be called from any thread at any time and see whole commits.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/lsn.hpp"
#include "base/result.hpp"
#include "engine/collections.hpp"
#include "engine/document_changes.hpp"
#include "engine/recent_documents.hpp"
#include "model/commit.hpp"
#include "model/document.hpp"
#include "storage/storage.hpp"

namespace tidemark::engine {

class Documents {
 public:
  explicit Documents(storage::Storage& storage);

  // Reads the catalog of collections; once, before all other calls. `corrupt` names the record.
  Result<void> load();

  // See Collections::declare. Makes its own storage commits; returns the LSN to wait for.
  Result<Lsn> declare(const model::CollectionDefinition& definition);

  // Any thread. `not_found` for an undeclared collection; an absent document is an empty optional.
  Result<std::optional<model::Document>> find(const model::Partition& partition, std::string_view collection,
                                              std::string_view id) const;

  // Any thread. An absent or null member, or one that is an object or array, counts as null in the order of an index.
  // The page ends at `limit` documents, or earlier at 16 MiB of JSON; `next` is empty at the end of the range. Paging
  // by an index skips a document whose indexed value changes while the page is being read. Errors: `not_found` for an
  // undeclared collection; `invalid` for an index, a range, a limit or a cursor that does not belong to it.
  Result<model::Page> query(const model::Partition& partition, const model::Query& query) const;

  // Any thread: the collections that were declared, by name.
  std::vector<model::CollectionDefinition> collections() const { return collections_.all(); }
  // Any thread. Looks at each document of the partition, to `at_most` of them. `not_found` for an undeclared
  // collection.
  Result<model::DocumentCount> count(const model::Partition& partition, std::string_view collection,
                                     std::uint64_t at_most) const;

  // Whether the commit's expectations hold and its changes can be made: `not_found`, `invalid` (ids, JSON),
  // `too_large`, then `conflict`, then `already_exists`. Of several changes of one document the last one counts.
  Result<void> check(const model::Commit& commit);
  // Adds the effects of the commit that was checked last.
  void apply(const model::Commit& commit, storage::Batch& batch);
  // Storage has these effects now.
  void committed();

 private:
  storage::Storage& storage_;
  Collections collections_;
  RecentDocuments recent_;
  DocumentChanges changes_;
};

}  // namespace tidemark::engine
