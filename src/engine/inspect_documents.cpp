// Collections, their documents, and that the indexes hold exactly what the documents say.
#include <map>
#include <set>

#include "engine/collection_record.hpp"
#include "engine/document_key.hpp"
#include "engine/index_entries.hpp"
#include "engine/inspection_parts.hpp"
#include "model/rules.hpp"

namespace tidemark::engine {
namespace {

const std::string REINDEX =
    "declare the index under another name and start the service, or restore from a backup: `tidemark restore`";

class Inspector {
 public:
  Inspector(const Records& records, Inspection& inspection)
      : records_{records}, storage_{records.storage}, inspection_{inspection} {}

  Result<void> run() {
    const auto catalog = prefix_of(Space::collections);
    TIDEMARK_TRY(for_each(records_, catalog, end_of_prefix(catalog),
                          [this](auto key, auto record) { return take_collection(key, record); }));
    for (const auto& [number, collection] : collections_) TIDEMARK_TRY(inspect(collection));
    return find_strays();
  }

 private:
  Result<void> take_collection(std::string_view key, std::string_view record) {
    ++inspection_.collections;
    auto collection = decode_collection(key, record);
    const std::string about = "collection '" + shown(key.substr(1)) + "'";
    if (!collection) {
      inspection_.add(about, "its record can't be read", RESTORE);
    } else if (const auto number = collection->number;
               !collections_.try_emplace(number, std::move(*collection)).second) {
      inspection_.add(about, "has the number of another collection", RESTORE);
    }
    return {};
  }

  Result<void> inspect(const Collection& collection) {
    std::uint64_t documents = 0;
    std::string prefix;
    append_collection_prefix(prefix, collection.number);
    TIDEMARK_TRY(for_each(records_, prefix, end_of_prefix(prefix), [&](auto key, auto stored) -> Result<void> {
      ++documents;
      return inspect_document(collection, key, stored);
    }));
    inspection_.documents += documents;
    for (const auto& index : collection.indexes) TIDEMARK_TRY(inspect_index(collection, index, documents));
    return {};
  }

  Result<void> inspect_document(const Collection& collection, std::string_view key, std::string_view stored) {
    if (key.size() <= DOCUMENT_PREFIX_BYTES) {
      inspection_.add("collection '" + collection.name + "'", "holds a document without an id", RESTORE);
      return {};
    }
    const auto id = key.substr(DOCUMENT_PREFIX_BYTES);
    const auto partition = static_cast<std::uint16_t>(read_big_endian(key, DOCUMENT_PREFIX_BYTES - 2, 2));
    const std::string about = model::document_name(collection.name, id);
    if (!stored_version(stored)) return inspection_.add(about, "has no version", RESTORE), Result<void>{};
    const auto computed = compute_index_entries(collection, partition, id, stored_json(stored), entries_);
    if (!computed) return inspection_.add(about, computed.error().message, RESTORE), Result<void>{};
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const auto& index = collection.indexes[i];
      const auto found = storage_.get(entries_[i], value_);
      if (!found) return found.error();
      const bool right = *found && (is_unique_entry(index, entries_[i]) ? value_ == id : value_.empty());
      if (!right)
        inspection_.add(about, "is not in the index '" + index.definition.name + "' as it should be", REINDEX);
    }
    return {};
  }

  // Every document has its entry, so an index with as many entries as there are documents holds nothing else.
  Result<void> inspect_index(const Collection& collection, const Index& index, std::uint64_t documents) {
    std::uint64_t entries = 0;
    std::string prefix;
    append_index_prefix(prefix, collection.number, index.number);
    TIDEMARK_TRY(
        for_each(records_, prefix, end_of_prefix(prefix), [&](auto, auto) { return ++entries, Result<void>{}; }));
    inspection_.index_entries += entries;
    if (entries == documents) return {};
    return for_each(records_, prefix, end_of_prefix(prefix),
                    [&](auto key, auto stored) { return inspect_entry(collection, index, key, stored); });
  }

  Result<void> inspect_entry(const Collection& collection, const Index& index, std::string_view key,
                             std::string_view stored) {
    const std::string about = "index '" + index.definition.name + "' of collection '" + collection.name + "'";
    const auto entry = key.size() > ENTRY_PREFIX_BYTES
                           ? read_index_entry(key, stored)
                           : Result<IndexEntry>{fail(ErrorCode::corrupt, "an entry's key is cut short")};
    if (!entry) return inspection_.add(about, entry.error().message, REINDEX), Result<void>{};
    const auto partition = static_cast<std::uint16_t>(read_big_endian(key, ENTRY_PREFIX_BYTES - 2, 2));
    std::string document;
    append_document_prefix(document, collection.number, partition);
    const auto found = storage_.get(document.append(entry->id), value_);
    if (!found) return found.error();
    bool right = *found && stored_version(value_);
    if (right && compute_index_entries(collection, partition, entry->id, stored_json(value_), entries_)) {
      right = entries_[static_cast<std::size_t>(&index - collection.indexes.data())] == key;
    }
    if (!right) inspection_.add(about, "has an entry for '" + shown(entry->id) + "' that no document has", REINDEX);
    return {};
  }

  // Documents and entries of collections and indexes that there are not. Looks at one key for each number.
  Result<void> find_strays() {
    TIDEMARK_TRY(for_each_number(Space::documents, 1 + 4, [&](std::string_view key) {
      if (collections_.count(number_at(key, 1)) == 0)
        inspection_.add("document '" + shown(key) + "'", "is of a collection that there is not", RESTORE);
    }));
    return for_each_number(Space::indexes, 1 + 4 + 4, [&](std::string_view key) {
      const auto collection = collections_.find(number_at(key, 1));
      const auto number = number_at(key, 1 + 4);
      const bool known = collection != collections_.end() && knows(collection->second, number);
      if (!known) inspection_.add("index entry '" + shown(key) + "'", "is of an index that there is not", RESTORE);
    });
  }

  static bool knows(const Collection& collection, std::uint32_t number) {
    for (const auto& index : collection.indexes)
      if (index.number == number) return true;
    // Left by an interrupted declaration: erased at the next start.
    return std::set<std::uint32_t>{collection.abandoned.begin(), collection.abandoned.end()}.count(number) > 0;
  }

  static std::uint32_t number_at(std::string_view key, std::size_t at) {
    return static_cast<std::uint32_t>(read_big_endian(key, at, 4));
  }

  template <class See>
  Result<void> for_each_number(Space space, std::size_t prefix_bytes, const See& see) {
    const auto first = prefix_of(space);
    auto cursor = storage_.exact_cursor(first, end_of_prefix(first));
    for (cursor.seek_first(); cursor.valid();) {
      const std::string key{cursor.key()};
      if (key.size() < prefix_bytes) {
        inspection_.add("key '" + shown(key) + "'", "is cut short", RESTORE);
        cursor.next();
        continue;
      }
      see(key);
      const auto prefix = key.substr(0, prefix_bytes);
      if (prefix.find_first_not_of('\xff', 1) == prefix.npos) break;
      cursor.seek(end_of_prefix(prefix));
    }
    return cursor.status();
  }

  const Records& records_;
  const storage::Storage& storage_;
  Inspection& inspection_;
  std::map<std::uint32_t, Collection> collections_;
  std::vector<std::string> entries_;
  std::string value_;
};

}  // namespace

Result<void> inspect_documents(const Records& records, Inspection& inspection) {
  return Inspector{records, inspection}.run();
}

}  // namespace tidemark::engine
