// Documents: pages of a collection, by id or by an index, and one with the changes that this process remembers.
#include <algorithm>
#include <charconv>

#include "json/json.hpp"
#include "json/scalar.hpp"
#include "kit/admin/collections.hpp"
#include "kit/admin/endpoints.hpp"
#include "kit/monitor/recorder.hpp"
#include "kit/run/merged_page.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t LIMIT_STANDARD = 50, LIMIT_MAX = 500;
constexpr std::size_t CHANGES_MAX = 100;

enum class DocumentOrder { ascending, descending };
BOOST_DESCRIBE_ENUM(DocumentOrder, ascending, descending)

struct DocumentsQuery {
  std::optional<std::string> index, equal, from, below;
  std::optional<DocumentOrder> order;
  std::optional<std::string> after;
  std::optional<std::uint32_t> limit;

  static Constraints<DocumentsQuery> constraints() { return {{&DocumentsQuery::limit, {.min = 1, .max = LIMIT_MAX}}}; }
};
BOOST_DESCRIBE_STRUCT(DocumentsQuery, (), (index, equal, from, below, order, after, limit))

struct StoredDocument {
  std::string id, version;
  Json document;
};
BOOST_DESCRIBE_STRUCT(StoredDocument, (), (id, version, document))

struct RememberedChange {
  TimePoint time;
  std::string trace_id;
  std::string by;  // "payments: POST /orders", "payments: order_placed as payments"
  std::string version;
  std::optional<Json> before, after;
};
BOOST_DESCRIBE_STRUCT(RememberedChange, (), (time, trace_id, by, version, before, after))

struct DocumentDetails : StoredDocument {
  std::uint16_t partition = 0;
  std::vector<RememberedChange> history;  // newest first
};
BOOST_DESCRIBE_STRUCT(DocumentDetails, (StoredDocument), (partition, history))

// The JSON of a number, true, false or null as an indexed value; none for any other text.
std::optional<model::IndexValue> scalar_of(const std::string& text) {
  if (text == "null") return model::IndexValue{nullptr};
  if (text == "true" || text == "false") return model::IndexValue{text == "true"};
  if (const auto number = json::from_json<std::int64_t>(text)) return model::IndexValue{*number};
  if (const auto number = json::from_json<std::uint64_t>(text)) return model::IndexValue{*number};
  if (const auto number = json::from_json<double>(text)) return model::IndexValue{*number};
  return std::nullopt;
}

bool is_text(const TypeInfo& type) {
  return type.kind == TypeKind::string || type.kind == TypeKind::enumeration || type.kind == TypeKind::time;
}

// A parameter as a value of the index: text where the member's type is known to be text, else a number, true, false or
// null where it is one. In quotes it is always text.
model::IndexValue value_of(const std::string& text, const TypeInfo* type) {
  if (type != nullptr && is_text(*type)) return text;
  if (text.size() >= 2 && text.starts_with('"'))
    if (auto quoted = json::from_json<std::string>(text)) return *std::move(quoted);
  if (auto scalar = scalar_of(text)) return *std::move(scalar);
  return text;
}

model::Query query_of(const KnownCollection& collection, const DocumentsQuery& wish) {
  model::Query query{.collection = collection.name(),
                     .index = wish.index.value_or(""),
                     .descending = wish.order == DocumentOrder::descending,
                     .limit = wish.limit.value_or(LIMIT_STANDARD),
                     .after = wish.after.value_or("")};
  if (query.index.empty()) {
    if (wish.equal || wish.from || wish.below) throw Invalid{"index: is missing; it says what the values are of"};
    return query;
  }
  const auto& indexes = collection.info.definition.indexes;
  const auto index = std::ranges::find(indexes, query.index, &model::IndexDefinition::name);
  const auto* type = index == indexes.end() ? nullptr : indexed_type(collection, index->path);
  const auto value = [&](const std::optional<std::string>& text) {
    return text ? std::optional{value_of(*text, type)} : std::nullopt;
  };
  query.equal = value(wish.equal);
  query.from = value(wish.from);
  query.below = value(wish.below);
  return query;
}

List<StoredDocument> page_of(const AdminContext& context, const std::string& name, const DocumentsQuery& wish) {
  const auto collection = known_collection(context, name);
  auto read = merged_page(context.store, collection.service(), collection.info.partitions, query_of(collection, wish))
                  .or_raise();
  context.store.wait_durable(read.seen).or_raise();
  List<StoredDocument> page;
  for (auto& document : read.value.documents)
    page.items.push_back({std::move(document.id), document.version.text(), Json{std::move(document.json)}});
  if (!read.value.next.empty()) page.next = std::move(read.value.next);
  return page;
}

std::optional<Json> json_of(const std::optional<std::string>& text) {
  return text ? std::optional{Json{*text}} : std::nullopt;
}

std::vector<RememberedChange> history_of(const AdminContext& context, const std::string& collection,
                                         const std::string& id) {
  std::vector<RememberedChange> history;
  if (context.recorder == nullptr) return history;
  for (const auto& run : context.recorder->changes_of(collection, id, CHANGES_MAX))
    for (const auto& change : run->documents) {
      if (change.collection != collection || change.id != id) continue;
      history.push_back({.time = std::chrono::time_point_cast<Duration>(run->start + run->duration),
                         .trace_id = run->trace.trace.text(),
                         .by = run->service + ": " + run->name + (run->group.empty() ? "" : " as " + run->group),
                         .version = std::to_string(change.version),
                         .before = json_of(change.before),
                         .after = json_of(change.after)});
    }
  return history;
}

// The partition that its id would have comes first: most documents stand there.
DocumentDetails details_of(const AdminContext& context, const std::string& name, const std::string& id) {
  const auto collection = known_collection(context, name);
  const auto count = collection.info.partitions;
  const auto likely = model::partition_of(id, count);
  for (std::uint16_t i = 0; i < count; ++i) {
    const auto number = static_cast<std::uint16_t>((likely + i) % count);
    auto found = context.store.find({collection.service(), number}, name, id).or_raise();
    context.store.wait_durable(found.seen).or_raise();
    if (!found.value) continue;
    return {
        {id, found.value->version.text(), Json{std::move(found.value->json)}}, number, history_of(context, name, id)};
  }
  throw NotFound{"the collection '" + name + "' has no document '" + id + "'"};
}

}  // namespace

void add_document_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("documents");
  routes.get<DocumentsQuery>("/collections/{name}/documents", "A page of a collection's documents",
                             [&context](const DocumentsQuery& query, Request& request) {
                               return page_of(context, request.path_parameter("name"), query);
                             });
  routes.get("/collections/{name}/documents/{id}", "One document, with the changes that this process remembers",
             [&context](Request& request) {
               return details_of(context, request.path_parameter("name"), request.path_parameter("id"));
             });
}

}  // namespace tidemark::kit
