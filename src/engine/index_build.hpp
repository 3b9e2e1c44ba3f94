// Building and dropping whole indexes, in commits of bounded size.
#pragma once
#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "engine/collections.hpp"
#include "storage/storage.hpp"

namespace tidemark::engine {

// Writes the entries of all documents, in all partitions, for the indexes of `collection`, which have none yet. Nothing
// may change the documents meanwhile. Errors: `already_exists` naming the index and the two documents that clash;
// `too_large`, `invalid` naming the document. What was written until then stays.
Result<void> build_indexes(storage::Storage& storage, const Collection& collection);

// Erases all entries of these indexes.
void drop_indexes(storage::Batch& batch, std::uint32_t collection, std::span<const std::uint32_t> indexes);

// The failure of a unique index in which two documents would have the same value.
Failure unique_clash(std::string_view collection, const Index& index, std::string_view holder, std::string_view other);

}  // namespace tidemark::engine
