// What the admin API knows of a collection: as the store has it, and as a service of this process declares it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kit/admin/context.hpp"
#include "model/document.hpp"

namespace tidemark::kit {

struct KnownCollection {
  model::CollectionInfo info;
  const TypeInfo* document = nullptr;  // null where no service of this process declares it

  const std::string& name() const { return info.definition.name; }
  std::string service() const { return name().substr(0, name().find('.')); }
};

// By name. On a fiber.
std::vector<KnownCollection> known_collections(const AdminContext& context);
// Throws NotFound.
KnownCollection known_collection(const AdminContext& context, std::string_view name);

// The type of the member that an index is on ("address.city"), without std::optional; null where it is unknown.
const TypeInfo* indexed_type(const KnownCollection& collection, std::string_view path);

}  // namespace tidemark::kit
