// Catalog: which collection holds the documents of a type, and which topic takes its events.
#pragma once
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "kit/service/spec.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

struct CollectionBinding {
  std::string name;  // "<service>.<collection>"
};

struct TopicBinding {
  std::string topic;
  const FieldInfo* key = nullptr;  // null where the event has no members
};

// Thread-safe. Bindings stay where they are for the catalog's life.
class Catalog {
 public:
  Catalog(store::Store& store, const detail::ServiceSpec& spec);

  // Declares at the store what the service declared, and what was declared on first use. May be repeated. On a fiber.
  Result<void> declare();

  // The binding of a type; one that the service has not named is declared here, on first use, which may suspend the
  // fiber. `invalid` for a struct that can't be a document: without a string member `id`, or without a name.
  Result<const CollectionBinding*> collection(const TypeInfo& type);
  // The binding of a type that has one already, or null.
  const CollectionBinding* known_collection(const TypeInfo& type) const;
  Result<const TopicBinding*> topic(const TypeInfo& type);

 private:
  template <class Binding>
  using Bindings = std::unordered_map<const TypeInfo*, std::unique_ptr<Binding>>;

  template <class Binding>
  const Binding* find(const Bindings<Binding>& bindings, const TypeInfo& type) const;
  Result<const CollectionBinding*> declare_default(const TypeInfo& type);
  Result<void> declare_defaults();

  store::Store& store_;
  const detail::ServiceSpec& spec_;
  mutable std::shared_mutex mutex_;
  Bindings<CollectionBinding> collections_;
  Bindings<TopicBinding> topics_;
};

}  // namespace tidemark::kit
