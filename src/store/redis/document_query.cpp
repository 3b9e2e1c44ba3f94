#include "store/redis/document_query.hpp"

#include "base/hash.hpp"
#include "model/index_key.hpp"
#include "model/rules.hpp"
#include "store/redis/answer.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/page_cursor.hpp"
#include "store/redis/server.hpp"

namespace tidemark::store {
namespace {

Failure unknown_index(const Collection& collection, const model::Query& query) {
  std::string known;
  for (const auto& index : collection.record.indexes) {
    if (!index.building) known += (known.empty() ? "" : ", ") + index.name;
  }
  return fail(ErrorCode::invalid, "the collection has no such index; it has: " + (known.empty() ? "none" : known),
              model::query_name(query));
}

// What a query is ordered by, whatever numbers its index has in which partition.
std::uint64_t order_of(const Collection& collection, const CollectionIndex* index, bool descending) {
  auto order = hash64(collection.name, descending ? 1 : 0);
  if (index != nullptr) order = hash64(index->path, hash64(index->name, order));
  return order;
}

Result<std::string> encoded(const model::IndexValue& value, const model::Query& query) {
  std::string bytes;
  if (auto appended = model::append_index_value(bytes, value); !appended) {
    return fail(ErrorCode::invalid, appended.error().message, model::query_name(query));
  }
  return bytes;
}

// The members in [first, end); an empty end is behind all.
struct Members {
  std::string first, end;
};

// No encoding ends with a byte of 255, and none begins with another one.
std::string end_of(std::string value) {
  value.back() = static_cast<char>(value.back() + 1);
  return value;
}

Result<Members> members_of(const model::Query& query) {
  Members members;
  if (const auto& lowest = query.equal ? query.equal : query.from) {
    auto first = encoded(*lowest, query);
    if (!first) return first.error();
    members.first = *std::move(first);
    if (query.equal) members.end = end_of(members.first);
  }
  if (query.below) {
    auto end = encoded(*query.below, query);
    if (!end) return end.error();
    members.end = *std::move(end);
  }
  return members;
}

Result<void> narrow_to_rest(Members& members, std::uint64_t order, const model::Query& query) {
  auto after = PageCursor::parse(query.after);
  if (!after) return fail(after.error().code, after.error().message, model::query_name(query));
  if (after->order != order) {
    return fail(ErrorCode::invalid,
                "the cursor is of another query, or its index was declared anew since; begin at the first page",
                model::query_name(query));
  }
  if (query.descending) {
    if (members.end.empty() || after->position < members.end) members.end = std::move(after->position);
  } else {
    after->position.push_back('\0');  // the lowest member above it
    members.first = std::max(members.first, after->position);
  }
  return {};
}

Result<PageRead> read_page(const resp::Value& answer, const DocumentQuery& planned, const model::Query& query) {
  PageRead read;
  Answer items{answer, 1};
  const bool more = items.text() == "1";
  while (!items.at_end() && items.good()) {
    const auto member = items.text();
    const auto id = items.text();
    const auto stored = items.text();
    const auto json = items.text();
    const auto version = model::Version::parse(stored.substr(0, stored.find(' ')));
    if (!version)
      return fail(ErrorCode::corrupt, "has a version that is none", model::document_name(query.collection, id));
    read.page.documents.push_back({.id = std::string{id}, .json = std::string{json}, .version = *version});
    read.members.emplace_back(member);
    if (query.with_cursors) read.page.cursors.push_back(PageCursor{planned.order, std::string{member}}.text());
  }
  if (!items.good()) return strange_answer("query");
  if (more && !read.members.empty()) read.page.next = PageCursor{planned.order, read.members.back()}.text();
  return read;
}

}  // namespace

Result<DocumentQuery> plan_query(const Collection& collection, const model::Partition& partition,
                                 const model::Query& query) {
  TIDEMARK_TRY(model::check_query(query));
  const CollectionIndex* index = nullptr;
  if (!query.index.empty()) {
    index = collection.find_index(query.index);
    if (index == nullptr) return unknown_index(collection, query);
  }
  DocumentQuery planned;
  planned.by_index = index != nullptr;
  planned.order = order_of(collection, index, query.descending);
  planned.set =
      index != nullptr ? keys::index(partition, collection.name, index->number) : keys::ids(partition, collection.name);
  auto members = members_of(query);
  if (!members) return members.error();
  if (!query.after.empty()) TIDEMARK_TRY(narrow_to_rest(*members, planned.order, query));
  planned.empty = !members->end.empty() && members->first >= members->end;
  planned.lowest = members->first.empty() ? "-" : "[" + members->first;
  planned.highest = members->end.empty() ? "+" : "(" + members->end;
  return planned;
}

Result<PageRead> ask_query(Server& server, const Collection& collection, const model::Partition& partition,
                           const DocumentQuery& planned, const model::Query& query) {
  if (planned.empty) return PageRead{};
  const auto& shared = server.shared();
  auto call =
      shared.function("query", {planned.set, keys::documents(partition, collection.name)}, FunctionCall::Effect::reads);
  call << collection.name << (planned.by_index ? std::to_string(collection.record.generation) : std::string{})
       << (planned.by_index ? "1" : "") << planned.lowest << planned.highest << (query.descending ? "1" : "")
       << query.limit << PAGE_BYTES_MAX << (shared.has_json ? "1" : "")
       << keys::document(partition, collection.name, "");
  const auto answer = server.run(call);
  if (!answer) return answer.error();
  return read_page(*answer, planned, query);
}

}  // namespace tidemark::store
