// How documents and index entries are stored: their keys, and a document's version in front of its JSON.
// docs/formats/documents.md has the grammar.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/document.hpp"

namespace tidemark::engine {

// "d" collection:u32 partition:u16, to which the id is appended.
constexpr std::size_t DOCUMENT_PREFIX_BYTES = 1 + 4 + 2;
void append_document_prefix(std::string& out, std::uint32_t collection, std::uint16_t partition);
// "d" collection:u32: all partitions.
void append_collection_prefix(std::string& out, std::uint32_t collection);

// "x" collection:u32 index:u32 partition:u16, to which the encoded value is appended and, unless the value must be
// unique, the id.
constexpr std::size_t ENTRY_PREFIX_BYTES = 1 + 4 + 4 + 2;
void append_entry_prefix(std::string& out, std::uint32_t collection, std::uint32_t index, std::uint16_t partition);
// "x" collection:u32 index:u32: all partitions.
void append_index_prefix(std::string& out, std::uint32_t collection, std::uint32_t index);

// The lowest key above all that start with `prefix`, which does not consist of 0xff alone.
std::string end_of_prefix(std::string prefix);

// What is stored under a document's key: counter:u64 nonce:u64 json.
constexpr std::size_t VERSION_BYTES = 8 + 8;
void append_version(std::string& out, const model::Version& version);
// None when there are too few bytes.
std::optional<model::Version> stored_version(std::string_view stored);
inline std::string_view stored_json(std::string_view stored) { return stored.substr(VERSION_BYTES); }

}  // namespace tidemark::engine
