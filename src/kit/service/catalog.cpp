#include "kit/service/catalog.hpp"

#include <algorithm>
#include <mutex>

#include "kit/service/envelope.hpp"

namespace tidemark::kit {
namespace {

Result<void> check_document(const TypeInfo& type) {
  const FieldInfo* id = type.kind == TypeKind::object ? find_field(type, "id") : nullptr;
  if (!id || id->type->kind != TypeKind::string)
    return fail(ErrorCode::invalid, "a document needs a member `id` that is a std::string", std::string{type.name});
  return {};
}

model::Retention retention_of(const TopicRetention& retention) {
  return {
      .age = retention.age, .count = retention.count, .bytes = retention.bytes, .force = retention.drop_unacknowledged};
}

}  // namespace

Catalog::Catalog(store::Store& store, const detail::ServiceSpec& spec) : store_{store}, spec_{spec} {}

Result<void> Catalog::declare() {
  for (const auto& topic : spec_.topics) {
    const auto key = topic.key_member.empty() ? default_key_member(*topic.event) : std::string_view{topic.key_member};
    TIDEMARK_TRY(store_.declare_topic({.name = topic.name, .retention = retention_of(topic.retention)}));
    const std::unique_lock lock{mutex_};
    auto& binding = topics_[topic.event];
    if (!binding)
      binding = std::make_unique<TopicBinding>(
          TopicBinding{topic.name, key.empty() ? nullptr : find_field(*topic.event, key)});
  }
  for (const auto& collection : spec_.collections) {
    TIDEMARK_TRY(check_document(*collection.document));
    std::string name = spec_.name + "." + collection.name;
    TIDEMARK_TRY(store_.declare_collection({.name = name, .indexes = collection.indexes}));
    const std::unique_lock lock{mutex_};
    auto& binding = collections_[collection.document];
    if (!binding) binding = std::make_unique<CollectionBinding>(CollectionBinding{std::move(name)});
  }
  return declare_defaults();
}

Result<void> Catalog::declare_defaults() {
  std::vector<std::string> names;
  {
    const std::shared_lock lock{mutex_};
    for (const auto& [type, binding] : collections_)
      if (std::ranges::find(spec_.collections, type, &detail::CollectionSpec::document) == spec_.collections.end())
        names.push_back(binding->name);
  }
  for (const auto& name : names) TIDEMARK_TRY(store_.declare_collection({.name = name, .indexes = {}}));
  return {};
}

template <class Binding>
const Binding* Catalog::find(const Bindings<Binding>& bindings, const TypeInfo& type) const {
  const std::shared_lock lock{mutex_};
  const auto at = bindings.find(&type);
  return at == bindings.end() ? nullptr : at->second.get();
}

const CollectionBinding* Catalog::known_collection(const TypeInfo& type) const { return find(collections_, type); }

Result<const CollectionBinding*> Catalog::collection(const TypeInfo& type) {
  if (const auto* known = find(collections_, type)) return known;
  return declare_default(type);
}

Result<const CollectionBinding*> Catalog::declare_default(const TypeInfo& type) {
  TIDEMARK_TRY(check_document(type));
  std::string name = spec_.name + "." + snake_case_name(type);
  TIDEMARK_TRY(store_.declare_collection({.name = name, .indexes = {}}));
  const std::unique_lock lock{mutex_};
  auto& binding = collections_[&type];
  if (!binding) binding = std::make_unique<CollectionBinding>(CollectionBinding{std::move(name)});
  return binding.get();
}

Result<const TopicBinding*> Catalog::topic(const TypeInfo& type) {
  if (const auto* known = find(topics_, type)) return known;
  std::string name = snake_case_name(type);
  if (name.empty()) return fail(ErrorCode::invalid, "an event must be a described struct");
  const auto key = default_key_member(type);
  const std::unique_lock lock{mutex_};
  auto& binding = topics_[&type];
  if (!binding)
    binding =
        std::make_unique<TopicBinding>(TopicBinding{std::move(name), key.empty() ? nullptr : find_field(type, key)});
  return binding.get();
}

}  // namespace tidemark::kit
