#include "engine/documents.hpp"

#include <string>

#include "engine/document_key.hpp"
#include "engine/document_query.hpp"
#include "engine/index_entries.hpp"
#include "model/rules.hpp"

namespace tidemark::engine {
namespace {

constexpr std::size_t VALUE_BYTES_KEPT = 65536;

}  // namespace

Documents::Documents(storage::Storage& storage)
    : storage_{storage}, collections_{storage}, recent_{storage}, changes_{storage, collections_, recent_} {}

Result<void> Documents::load() { return collections_.load(); }

Result<Lsn> Documents::declare(const model::CollectionDefinition& definition) {
  return collections_.declare(definition);
}

Result<std::optional<model::Document>> Documents::find(const model::Partition& partition, std::string_view collection,
                                                       std::string_view id) const {
  const auto declared = collections_.find(collection);
  if (!declared) return declared.error();
  thread_local std::string key, stored;
  if (stored.capacity() > VALUE_BYTES_KEPT) stored = {};
  key.clear();
  append_document_prefix(key, (*declared)->number, partition.number);
  const auto found = recent_.get(key.append(id), stored);
  if (!found) return found.error();
  if (!*found) return std::optional<model::Document>{};
  const auto version = stored_version(stored);
  if (!version) {
    return fail(ErrorCode::corrupt, "the stored document has no version; restore the data directory from a copy",
                model::document_name(collection, id));
  }
  return std::optional{model::Document{std::string{id}, std::string{stored_json(stored)}, *version}};
}

Result<model::Page> Documents::query(const model::Partition& partition, const model::Query& query) const {
  while (true) {
    const auto collection = collections_.find(query.collection);
    if (!collection) return collection.error();
    auto page = read_page(storage_, recent_, **collection, partition.number, query);
    // A declaration meanwhile may have dropped the index while it was being read.
    const auto after = collections_.find(query.collection);
    if (after && *after == *collection) return page;
  }
}

Result<model::DocumentCount> Documents::count(const model::Partition& partition, std::string_view name,
                                              std::uint64_t at_most) const {
  const auto collection = collections_.find(name);
  if (!collection) return collection.error();
  std::string prefix;
  append_document_prefix(prefix, (*collection)->number, partition.number);
  model::DocumentCount counted;
  auto at = storage_.cursor(prefix, end_of_prefix(prefix));
  for (at.seek_first(); at.valid(); at.next()) {
    if (counted.count == at_most) {
      counted.is_exact = false;
      return counted;
    }
    ++counted.count;
  }
  TIDEMARK_TRY(at.status());
  return counted;
}

Result<void> Documents::check(const model::Commit& commit) {
  TIDEMARK_TRY(changes_.begin(commit));
  for (const auto& expected : commit.expected_queries) {
    const auto page = query(commit.partition, expected.query);
    if (!page) return page.error();
    if (model::digest_of(*page) == expected.digest) continue;
    return fail(ErrorCode::conflict, "gives other documents than when it was read; read again and repeat",
                "query of '" + expected.query.collection + "'");
  }
  return changes_.check_indexes();
}

void Documents::apply(const model::Commit&, storage::Batch& batch) { changes_.write(batch); }

void Documents::committed() { changes_.written(); }

}  // namespace tidemark::engine
