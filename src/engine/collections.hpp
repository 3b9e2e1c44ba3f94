// Collections: the catalog of declared collections and their indexes.
//
// Reading it takes no lock: a declaration publishes a new immutable catalog. Old ones are kept until the end, since
// declarations are few (one for each collection at a start, if anything changed), so a Collection* stays good.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/lsn.hpp"
#include "base/result.hpp"
#include "json/extract.hpp"
#include "model/document.hpp"
#include "storage/storage.hpp"

namespace tidemark::engine {

// Its number is never given to another index of the collection, so entries of a former one can't be taken for its own.
struct Index {
  std::uint32_t number = 0;
  model::IndexDefinition definition;
  json::PathSet path{{}};  // of the definition
};

struct Collection {
  std::string name;
  std::uint32_t number = 0;
  std::uint32_t next_index = 1;          // the number of the next index to be added
  std::vector<Index> indexes;            // in the order of their declaration
  std::vector<std::uint32_t> abandoned;  // numbers whose entries are to be erased: being built, or a crash left them
  json::PathSet paths{{}};               // of `indexes`, in their order

  // None when there is no index of that name.
  const Index* find_index(std::string_view index) const;
  // Brings the path sets in step with `indexes`.
  void set_paths();
};

class Collections {
 public:
  explicit Collections(storage::Storage& storage);
  Collections(const Collections&) = delete;
  Collections& operator=(const Collections&) = delete;

  // Reads the catalog, and erases what an interrupted declaration left. Once, before anything else.
  Result<void> load();

  // Any thread; lives as long as this. `not_found` says how to declare it.
  Result<const Collection*> find(std::string_view name) const;

  // Any thread: all of them, by name.
  std::vector<model::CollectionDefinition> all() const;

  // Under the engine's lock: makes the collection, or changes its indexes, building new ones from its documents in
  // commits of bounded size. The indexes that stay the same are left alone. When it fails, everything is as it was.
  // Errors: `invalid` for a definition that can't be; `already_exists` when two documents clash in a unique index,
  // naming both; `too_large` for a value that can't be indexed. Durable when the LSN is.
  Result<Lsn> declare(const model::CollectionDefinition& definition);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>{}(name); }
  };
  using Catalog = std::unordered_map<std::string, const Collection*, Hash, std::equal_to<>>;

  void publish(std::unique_ptr<const Collection> collection);
  void publish(std::unique_ptr<const Catalog> catalog);
  Result<void> build_added(const Collection& current, const Collection& next);
  void store(storage::Batch& batch, const Collection& collection);

  storage::Storage& storage_;
  std::uint32_t next_number_ = 1;
  std::vector<std::unique_ptr<const Collection>> collections_;
  std::vector<std::unique_ptr<const Catalog>> catalogs_;
  std::atomic<const Catalog*> catalog_;  // the last one of catalogs_
};

}  // namespace tidemark::engine
