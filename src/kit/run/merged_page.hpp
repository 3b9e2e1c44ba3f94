// A page of a list over all partitions of a service.
#pragma once
#include <cstdint>
#include <string>

#include "model/document.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// Asks every partition and merges their documents in the order of the query. `next` is a cursor like any other. The
// partitions are read side by side, so the page is of no single moment; a document that stays as it is is in exactly
// one page of a list. Errors: what the store says of the query. On a fiber.
Result<model::Read<model::Page>> merged_page(store::Store& store, const std::string& service, std::uint16_t partitions,
                                             const model::Query& query);

}  // namespace tidemark::kit
