// A collection as its record in the catalog has it. docs/formats/documents.md has the grammar.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/collections.hpp"

namespace tidemark::engine {

std::string collection_key(std::string_view name);
std::string encode_collection(const Collection& collection);
// `corrupt`, naming the collection, for anything that encode_collection does not write.
Result<Collection> decode_collection(std::string_view key, std::string_view record);

}  // namespace tidemark::engine
