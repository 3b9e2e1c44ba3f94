#include "kit/admin/collections.hpp"

#include <algorithm>

#include "fiber/fiber.hpp"
#include "json/schema.hpp"
#include "kit/admin/endpoints.hpp"

namespace tidemark::kit {
namespace {

// In each partition, where documents have to be counted one by one.
constexpr std::uint64_t COUNTED_MAX = 10'000;

struct IndexState {
  std::string name;
  std::vector<std::string> members;
  bool unique = false;
};
BOOST_DESCRIBE_STRUCT(IndexState, (), (name, members, unique))

struct CollectionState {
  std::string name, service;
  std::vector<IndexState> indexes;
  std::optional<Json> schema;
  std::uint16_t partitions = 1;
  std::uint64_t documents = 0;
  bool documents_exact = true;  // else there are more
};
BOOST_DESCRIBE_STRUCT(CollectionState, (), (name, service, indexes, schema, partitions, documents, documents_exact))

const TypeInfo* document_of(const AdminContext& context, const std::string& name) {
  for (const auto& service : context.services)
    for (const auto& declared : service.spec.collections)
      if (service.spec.name + "." + declared.name == name) return declared.document;
  return nullptr;
}

CollectionState state_of(const AdminContext& context, const KnownCollection& collection) {
  CollectionState state{
      .name = collection.name(), .service = collection.service(), .partitions = collection.info.partitions};
  for (const auto& index : collection.info.definition.indexes)
    state.indexes.push_back({index.name, {index.path}, index.unique});
  if (collection.document != nullptr) state.schema = Json{json::schema_document(*collection.document)};
  for (std::uint16_t number = 0; number < state.partitions; ++number) {
    const auto counted = context.store.count_documents({state.service, number}, state.name, COUNTED_MAX).or_raise();
    state.documents += counted.count;
    state.documents_exact = state.documents_exact && counted.is_exact;
    this_fiber::yield();
  }
  return state;
}

}  // namespace

std::vector<KnownCollection> known_collections(const AdminContext& context) {
  std::vector<KnownCollection> known;
  for (auto& info : context.store.collections().or_raise()) {
    const auto* document = document_of(context, info.definition.name);
    known.push_back({std::move(info), document});
  }
  return known;
}

KnownCollection known_collection(const AdminContext& context, std::string_view name) {
  for (auto& collection : known_collections(context))
    if (collection.name() == name) return std::move(collection);
  throw NotFound{"the store has no collection '" + std::string{name} + "'; their names are <service>.<collection>"};
}

const TypeInfo* indexed_type(const KnownCollection& collection, std::string_view path) {
  const TypeInfo* type = collection.document;
  while (type != nullptr && !path.empty()) {
    const auto name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    const auto* field = type->kind == TypeKind::object ? find_field(*type, name) : nullptr;
    type = field == nullptr ? nullptr : field->type;
    if (type != nullptr && type->kind == TypeKind::optional) type = type->element;
  }
  return type;
}

void add_collection_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("documents");
  routes.get("/collections", "All collections of the store", [&context](Request&) {
    List<CollectionState> list;
    for (const auto& collection : known_collections(context)) list.items.push_back(state_of(context, collection));
    return list;
  });
}

}  // namespace tidemark::kit
