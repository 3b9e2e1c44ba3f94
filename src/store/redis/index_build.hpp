// Building the indexes of a collection in one partition, beside the commits that go on there.
#pragma once
#include "base/result.hpp"
#include "model/document.hpp"
#include "model/partition.hpp"
#include "store/redis/server.hpp"

namespace tidemark::store {

// Makes the collection there, or changes its indexes. New ones are written by every commit from the moment when they
// are noted as building; then they are filled with the documents that are there, and asked when all are in.
// `already_exists` when two documents clash in a unique one: then everything is as it was.
Result<void> build_indexes(Server& server, const model::Partition& partition,
                           const model::CollectionDefinition& definition);

}  // namespace tidemark::store
