// What every store holds its callers to, whatever it has stored. Failures are `invalid`, or `too_large`, and say what
// to do.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/commit.hpp"
#include "model/document.hpp"
#include "model/partition.hpp"

namespace tidemark::model {

inline constexpr std::size_t DOCUMENT_BYTES_MAX = 1 << 20;  // of its JSON
inline constexpr std::size_t DOCUMENT_ID_BYTES_MAX = 512;
inline constexpr std::size_t COLLECTION_INDEXES_MAX = 32;  // twice as many while they are rebuilt
inline constexpr std::uint32_t PAGE_LIMIT_MAX = 1000;

// How failures call them: "shop.products/42", "query of 'shop.products' by 'price'".
std::string document_name(std::string_view collection, std::string_view id);
std::string query_name(const Query& query);

Result<void> check_collection(const CollectionDefinition& definition);
Result<void> check_change(const DocumentChange& change);
// Its limit, and that it asks for one thing.
Result<void> check_query(const Query& query);
// That its entries lie in its range, in their order.
Result<void> check_forwarding(const Forwarding& forwarding);

}  // namespace tidemark::model
