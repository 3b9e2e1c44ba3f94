// Catalog: the collections as they are declared in each partition, as far as this process has met them.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "json/extract.hpp"
#include "model/document.hpp"
#include "model/partition.hpp"

namespace tidemark::store {

class Server;

// Its number is never given to another index of the collection in this partition.
struct CollectionIndex {
  std::uint32_t number = 0;
  std::string name, path;
  bool unique = false;
  bool building = false;  // written, but not yet asked
  friend bool operator==(const CollectionIndex&, const CollectionIndex&) = default;

  bool is(const model::IndexDefinition& definition) const {
    return name == definition.name && path == definition.path && unique == definition.unique;
  }
};

// What `t:collections` holds of a collection, as JSON.
struct CollectionRecord {
  std::uint64_t generation = 0;  // rises with every change
  std::uint32_t next_number = 1;
  std::vector<CollectionIndex> indexes;
};

struct Collection {
  Collection(std::string collection_name, CollectionRecord collection_record);

  // Where queries are asked; none when there is no such index.
  const CollectionIndex* find_index(std::string_view index) const;
  // The entries of a document as `t:docs:collection` holds them, one for each index. Errors: `invalid` for what is not
  // JSON, `too_large` for a string that can't be indexed; they name the document.
  Result<std::string> entries_of(std::string_view id, std::string_view json) const;

  std::string name;
  CollectionRecord record;
  json::PathSet paths;  // of its indexes, in their order
};

std::string write_record(const CollectionRecord& record);
Result<CollectionRecord> read_record(std::string_view json, std::string_view collection);
// A definition as `tidemark:collections` holds it: the record of a collection that was just made.
CollectionRecord first_record(const model::CollectionDefinition& definition);

// Any thread; what it gives out stays as it was.
class Catalog {
 public:
  // On a fiber of the server's thread. What is not known is read from the server; a collection that was declared before
  // anything was in this partition is declared in it then. `not_found` says how to declare one.
  Result<std::shared_ptr<const Collection>> find(Server& server, const model::Partition& partition,
                                                 std::string_view collection);
  // The same, but none for a collection that the partition does not have; always asks the server.
  Result<std::shared_ptr<const Collection>> read(Server& server, const model::Partition& partition,
                                                 std::string_view collection);
  // It is known to have changed.
  void forget(const model::Partition& partition, std::string_view collection);
  void forget_all();

 private:
  using Name = std::pair<model::Partition, std::string>;
  std::shared_ptr<const Collection> known(const Name& name) const;

  mutable std::mutex mutex_;
  std::map<Name, std::shared_ptr<const Collection>> collections_;
};

}  // namespace tidemark::store
