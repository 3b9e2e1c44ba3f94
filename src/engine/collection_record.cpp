#include "engine/collection_record.hpp"

#include "engine/keyspace.hpp"
#include "model/varint.hpp"

namespace tidemark::engine {
namespace {

constexpr std::uint64_t FLAG_UNIQUE = 1;

std::optional<std::uint32_t> take_number(std::string_view& in) {
  const auto number = model::take_varint(in);
  if (!number || *number > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

bool take_abandoned(std::string_view& in, Collection& out) {
  const auto count = model::take_varint(in);
  if (!count) return false;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto number = take_number(in);
    if (!number) return false;
    out.abandoned.push_back(*number);
  }
  return true;
}

bool take_index(std::string_view& in, Collection& out) {
  const auto number = take_number(in);
  const auto flags = model::take_varint(in);
  const auto name = model::take_bytes(in);
  const auto path = model::take_bytes(in);
  if (!number || *number >= out.next_index || !flags || *flags > FLAG_UNIQUE || !name || !path) return false;
  out.indexes.push_back({*number, {std::string{*name}, std::string{*path}, *flags == FLAG_UNIQUE}});
  return true;
}

bool take_collection(std::string_view in, Collection& out) {
  const auto number = take_number(in);
  const auto next_index = take_number(in);
  if (!number || !next_index) return false;
  out.number = *number;
  out.next_index = *next_index;
  if (!take_abandoned(in, out)) return false;
  while (!in.empty())
    if (!take_index(in, out)) return false;
  return true;
}

}  // namespace

std::string collection_key(std::string_view name) {
  std::string key{static_cast<char>(Space::collections)};
  return key.append(name);
}

std::string encode_collection(const Collection& collection) {
  std::string record;
  model::append_varint(record, collection.number);
  model::append_varint(record, collection.next_index);
  model::append_varint(record, collection.abandoned.size());
  for (const auto number : collection.abandoned) model::append_varint(record, number);
  for (const auto& index : collection.indexes) {
    model::append_varint(record, index.number);
    model::append_varint(record, index.definition.unique ? FLAG_UNIQUE : 0);
    model::append_bytes(record, index.definition.name);
    model::append_bytes(record, index.definition.path);
  }
  return record;
}

Result<Collection> decode_collection(std::string_view key, std::string_view record) {
  Collection collection{.name = std::string{key.substr(1)}};
  if (!take_collection(record, collection)) {
    return fail(ErrorCode::corrupt, "its record in the catalog can't be read; restore the data directory from a copy",
                "collection '" + collection.name + "'");
  }
  collection.set_paths();
  return collection;
}

}  // namespace tidemark::engine
