// DocumentChanges: what one commit does to documents and to the entries of their indexes, read and checked once, then
// written. Where a collection has no indexes, no JSON is parsed, and what is only changed is not read.
#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/collections.hpp"
#include "engine/recent_documents.hpp"
#include "model/commit.hpp"
#include "storage/storage.hpp"

namespace tidemark::engine {

// One thread at a time; the steps are called in their order. The commit must live until the last one.
class DocumentChanges {
 public:
  DocumentChanges(const storage::Storage& storage, const Collections& collections, RecentDocuments& recent)
      : storage_{storage}, collections_{collections}, recent_{recent} {}
  DocumentChanges(const DocumentChanges&) = delete;
  DocumentChanges& operator=(const DocumentChanges&) = delete;

  // Forgets the commit before, takes this one's changes and checks the versions that it expects: `not_found` for an
  // undeclared collection, `invalid` for an id, `too_large` for JSON, then `conflict`.
  Result<void> begin(const model::Commit& commit);
  // Whether the changes can be made: `invalid` and `too_large` for values that can't be indexed, then `already_exists`.
  Result<void> check_indexes();
  // Adds the effects.
  void write(storage::Batch& batch);
  // They are committed.
  void written() { recent_.take_over(stored_); }

 private:
  // One document that the commit expects something of, or changes.
  struct Slot {
    const Collection* collection = nullptr;
    std::string_view id;
    std::string key;
    const model::DocumentChange* change = nullptr;  // the last one, or none
    bool loaded = false;
    bool exists = false;     // once loaded
    model::Version version;  // if it exists
    std::string stored;      // as it will be
    // Entries in each of the collection's indexes: those stored, and those to be. Empty for an absent document.
    std::vector<std::string> old_entries, new_entries;

    bool is_indexed_change() const { return change != nullptr && !collection->indexes.empty(); }
  };

  // That the document of `slot` wants the value of its new entry in this unique index.
  struct Claim {
    const Slot* slot;
    std::size_t index;

    const std::string& entry() const { return slot->new_entries[index]; }
    const Index& definition() const { return slot->collection->indexes[index]; }
  };

  void forget();
  Result<Slot*> slot_for(std::string_view collection, std::string_view id);
  Result<void> load(Slot& slot);
  Result<void> claim_unique(const Slot& slot);
  Result<void> check_claim(const Claim& claim);

  const storage::Storage& storage_;
  const Collections& collections_;
  RecentDocuments& recent_;
  std::uint16_t partition_ = 0;
  // Slots are kept from commit to commit for their memory; the first `used_` are this commit's.
  std::deque<Slot> slots_;
  std::size_t used_ = 0;
  boost::unordered_flat_map<std::string_view, Slot*> by_key_;
  boost::unordered_flat_map<std::string_view, Claim> claims_;  // by their entries
  std::vector<RecentDocuments::Stored> stored_;                // what changes
  std::string value_;
};

}  // namespace tidemark::engine
