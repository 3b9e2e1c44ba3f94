// How a query becomes a range of keys, and the range a page.
#pragma once
#include <cstdint>

#include "base/result.hpp"
#include "engine/collections.hpp"
#include "engine/recent_documents.hpp"
#include "model/document.hpp"
#include "storage/storage.hpp"

namespace tidemark::engine {

// A page ends once it has so much JSON, with a cursor for the rest.
constexpr std::size_t PAGE_BYTES_MAX = 16 << 20;

// Any thread. See Documents::query.
Result<model::Page> read_page(const storage::Storage& storage, const RecentDocuments& documents,
                              const Collection& collection, std::uint16_t partition, const model::Query& query);

}  // namespace tidemark::engine
