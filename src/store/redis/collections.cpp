// RedisStore: declaring collections.
#include <algorithm>
#include <charconv>

#include "model/rules.hpp"
#include "store/redis/catalog.hpp"
#include "store/redis/document_query.hpp"
#include "store/redis/index_build.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/redis_store.hpp"

namespace tidemark::store {
namespace {

// The partitions of a service that were ever used, by any process.
Result<std::vector<model::Partition>> partitions_of(Server& server, std::string_view service) {
  redis::Command members{"SMEMBERS", keys::ALL_PARTITIONS};
  members.at(keys::ALL_PARTITIONS).repeatable();
  const auto answer = server.run(members);
  if (!answer) return answer.error();
  std::vector<model::Partition> partitions;
  for (const auto& member : answer->items) {
    const std::string_view name{member.text};
    const auto colon = name.rfind(':');
    if (colon == std::string_view::npos || name.substr(0, colon) != service) continue;
    model::Partition partition{.service = std::string{service}, .number = 0};
    std::from_chars(name.data() + colon + 1, name.data() + name.size(), partition.number);
    partitions.push_back(std::move(partition));
  }
  return partitions;
}

}  // namespace

// The definition is noted before it is asked which partitions there are, and a process notes a partition before it asks
// for the definition: so either this finds the partition, or that process finds the definition.
Result<void> RedisStore::declare_collection(const model::CollectionDefinition& definition) {
  TIDEMARK_TRY(model::check_collection(definition));
  return locals_.run([&](Local& at) -> Result<void> {
    auto note = shared_->function("note_field", {std::string{keys::ALL_COLLECTIONS}}, FunctionCall::Effect::repeatable);
    const auto service = definition.name.substr(0, definition.name.find('.'));
    const auto partitions = partitions_of(at.server, service);
    if (!partitions) return partitions.error();
    // Where documents clash nothing is changed, in the catalog neither.
    for (const auto& partition : *partitions) TIDEMARK_TRY(build_indexes(at.server, partition, definition));
    note << definition.name << write_record(first_record(definition));
    if (auto noted = at.server.run(note); !noted) return noted.error();
    const auto since = partitions_of(at.server, service);
    if (!since) return since.error();
    for (const auto& partition : *since) TIDEMARK_TRY(build_indexes(at.server, partition, definition));
    return {};
  });
}

}  // namespace tidemark::store
