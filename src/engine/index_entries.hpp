// The entries that a document has in the indexes of its collection.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/collections.hpp"

namespace tidemark::engine {

// Sets entries[i] to the key of the document's entry in collection.indexes[i]; every document has one in each.
// Errors: `invalid` for what is not JSON, `too_large` for a string that can't be indexed; they name the document.
Result<void> compute_index_entries(const Collection& collection, std::uint16_t partition, std::string_view id,
                                   std::string_view json, std::vector<std::string>& entries);

// In the entry of a unique value the id is not in the key but in the value, so that there can be one only.
bool is_unique_entry(const Index& index, std::string_view entry);

// What an entry says: the encoded value and whose it is. Views into the arguments.
struct IndexEntry {
  std::string_view value, id;
};
// `corrupt` for bytes that are none.
Result<IndexEntry> read_index_entry(std::string_view key, std::string_view stored);

}  // namespace tidemark::engine
