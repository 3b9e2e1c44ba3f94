#include "model/rules.hpp"

#include <algorithm>
#include <set>

namespace tidemark::model {
namespace {

constexpr std::size_t COLLECTION_NAME_BYTES_MAX = 200;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

bool is_path(std::string_view path) {
  return !path.empty() && path.front() != '.' && path.back() != '.' && path.find("..") == std::string_view::npos;
}

}  // namespace

std::string document_name(std::string_view collection, std::string_view id) {
  return std::string{collection}.append("/").append(id);
}

std::string query_name(const Query& query) {
  return "query of '" + query.collection + (query.index.empty() ? "'" : "' by '" + query.index + "'");
}

Result<void> check_collection(const CollectionDefinition& definition) {
  const std::string about = "collection '" + definition.name + "'";
  const auto& name = definition.name;
  if (name.empty() || name.size() > COLLECTION_NAME_BYTES_MAX || !std::ranges::all_of(name, is_name_character)) {
    return fail(ErrorCode::invalid, "a collection's name has 1 to 200 characters of a-z, 0-9, '_', '.' and '-'", about);
  }
  if (definition.indexes.size() > COLLECTION_INDEXES_MAX) {
    return fail(ErrorCode::invalid, detail::concatenate("has more than ", COLLECTION_INDEXES_MAX, " indexes"), about);
  }
  std::set<std::string_view> names;
  for (const auto& index : definition.indexes) {
    if (index.name.empty()) return fail(ErrorCode::invalid, "an index needs a name", about);
    if (!names.insert(index.name).second) {
      return fail(ErrorCode::invalid, "two indexes have the name '" + index.name + "'", about);
    }
    if (!is_path(index.path)) {
      return fail(ErrorCode::invalid,
                  "index '" + index.name + "': '" + index.path + "' is not a path; write 'status' or 'address.city'",
                  about);
    }
  }
  return {};
}

Result<void> check_change(const DocumentChange& change) {
  if (change.id.empty() || change.id.size() > DOCUMENT_ID_BYTES_MAX) {
    return fail(
        ErrorCode::invalid,
        detail::concatenate("a document's id has 1 to ", DOCUMENT_ID_BYTES_MAX, " bytes, not ", change.id.size()),
        "collection '" + change.collection + "'");
  }
  if (change.json && change.json->size() > DOCUMENT_BYTES_MAX) {
    return fail(ErrorCode::too_large,
                detail::concatenate("its JSON has ", change.json->size(), " bytes; a document has at most ",
                                    DOCUMENT_BYTES_MAX),
                document_name(change.collection, change.id));
  }
  return {};
}

Result<void> check_query(const Query& query) {
  if (query.limit < 1 || query.limit > PAGE_LIMIT_MAX) {
    return fail(ErrorCode::invalid, detail::concatenate("limit is 1 to ", PAGE_LIMIT_MAX, ", not ", query.limit),
                query_name(query));
  }
  const bool ranged = query.from || query.below;
  if (query.equal && ranged) {
    return fail(ErrorCode::invalid, "asks for one value and for a range; it can be either", query_name(query));
  }
  if (query.index.empty() && (query.equal || ranged)) {
    return fail(ErrorCode::invalid, "asks for values without saying of which index", query_name(query));
  }
  return {};
}

Result<void> check_forwarding(const Forwarding& forwarding) {
  const auto about = "forwarding from '" + forwarding.source + "' to '" + forwarding.target + "'";
  if (forwarding.source == forwarding.target)
    return fail(ErrorCode::invalid, "a topic can't be forwarded to itself", about);
  if (forwarding.from > forwarding.to || forwarding.to.ms == UINT64_MAX)
    return fail(ErrorCode::invalid,
                "no entries lie in (" + forwarding.from.text() + ", " + forwarding.to.text() +
                    "]: the end is not below the start, and leaves ids to give out",
                about);
  auto last = forwarding.from;
  for (const auto& entry : forwarding.entries) {
    if (entry.id <= last || entry.id > forwarding.to)
      return fail(ErrorCode::invalid,
                  "the entry " + entry.id.text() + " is not behind the one before it or not in the range", about);
    if (entry.fields.empty()) return fail(ErrorCode::invalid, "the entry " + entry.id.text() + " has no fields", about);
    last = entry.id;
  }
  return {};
}

}  // namespace tidemark::model
