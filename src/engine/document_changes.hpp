// DocumentChanges: what one commit does to documents and to the entries of their indexes, read and checked once, then
// written.
#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/collections.hpp"
#include "model/commit.hpp"
#include "storage/storage.hpp"

namespace tidemark::engine {

// JSON of one document: 1 MiB, so that a full page (1000 documents) is 1 GiB at worst, and pages end at 16 of them.
constexpr std::size_t DOCUMENT_BYTES_MAX = 1024 * 1024;

// One thread at a time. The commit must outlive write().
class DocumentChanges {
 public:
  DocumentChanges(const storage::Storage& storage, const Collections& collections)
      : storage_{storage}, collections_{collections} {}
  DocumentChanges(const DocumentChanges&) = delete;
  DocumentChanges& operator=(const DocumentChanges&) = delete;

  // Sees to all but the expected queries: see Documents::check. Forgets the commit before.
  Result<void> check(const model::Commit& commit);
  // Adds the effects of what was checked last.
  void write(storage::Batch& batch);

 private:
  // One document that the commit expects something of, or changes.
  struct Slot {
    const Collection* collection = nullptr;
    const model::DocumentChange* change = nullptr;  // the last one, or none
    std::string key;
    std::string_view id;
    bool loaded = false;
    bool exists = false;
    model::Version version;
    // Keys of the entries in each of the collection's indexes; empty for a document that is not, or is erased.
    std::vector<std::string> old_entries, new_entries;
  };

  void forget();
  Result<Slot*> slot_for(std::uint16_t partition, std::string_view collection, std::string_view id);
  Result<void> collect(const model::Commit& commit);
  Result<void> check_expectations(const model::Commit& commit);
  Result<void> compute_entries();
  Result<void> check_unique();
  Result<void> load(Slot& slot);

  const storage::Storage& storage_;
  const Collections& collections_;
  // Slots are kept from commit to commit for their memory; the first `used_` are this commit's.
  std::deque<Slot> slots_;
  std::size_t used_ = 0;
  std::uint16_t partition_ = 0;
  boost::unordered_flat_map<std::string_view, Slot*> by_key_;
  boost::unordered_flat_map<std::string_view, Slot*> unique_;  // the new entries in unique indexes, and whose they are
  std::string value_;
};

}  // namespace tidemark::engine
