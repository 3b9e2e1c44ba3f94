#include "store/redis/catalog.hpp"

#include <algorithm>
#include <boost/describe.hpp>
#include <set>
#include <type_traits>

#include "json/json.hpp"
#include "model/index_key.hpp"
#include "model/rules.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/server.hpp"

namespace tidemark::store {

BOOST_DESCRIBE_STRUCT(CollectionIndex, (), (number, name, path, unique, building))
BOOST_DESCRIBE_STRUCT(CollectionRecord, (), (generation, next_number, indexes))

namespace {

json::PathSet paths_of(const std::vector<CollectionIndex>& indexes) {
  std::vector<std::string> dotted;
  for (const auto& index : indexes) dotted.push_back(index.path);
  return json::PathSet{dotted};
}

Result<std::string> hash_field(Server& server, const std::string& key, std::string_view field) {
  redis::Command get{"HGET", key, field};
  get.at(key).repeatable();
  auto value = server.run(get);
  if (!value) return value.error();
  return value->is_text() ? std::move(value->text) : std::string{};
}

Failure not_declared(std::string_view collection) {
  return fail(ErrorCode::not_found, "is not declared; declare it at the start with service.collection<T>(…)",
              "collection '" + std::string{collection} + "'");
}

}  // namespace

CollectionRecord first_record(const model::CollectionDefinition& definition) {
  CollectionRecord record;
  record.generation = 1;
  for (const auto& index : definition.indexes) {
    record.indexes.push_back(
        {.number = record.next_number++, .name = index.name, .path = index.path, .unique = index.unique});
  }
  return record;
}

std::string write_record(const CollectionRecord& record) {
  auto text = json::to_json(record);
  TIDEMARK_ASSERT(text.has_value(), "a collection's record can't be written");
  return *std::move(text);
}

Result<CollectionRecord> read_record(std::string_view json, std::string_view collection) {
  auto record = json::from_json<CollectionRecord>(json);
  if (record) return record;
  return fail(ErrorCode::corrupt, "its record on the server can't be read: " + record.error().text(),
              "collection '" + std::string{collection} + "'");
}

Collection::Collection(std::string collection_name, CollectionRecord collection_record)
    : name{std::move(collection_name)}, record{std::move(collection_record)}, paths{paths_of(record.indexes)} {}

const CollectionIndex* Collection::find_index(std::string_view index) const {
  for (const auto& candidate : record.indexes) {
    if (candidate.name == index && !candidate.building) return &candidate;
  }
  return nullptr;
}

Result<std::string> Collection::entries_of(std::string_view id, std::string_view json) const {
  std::string entries;
  if (record.indexes.empty()) return entries;
  const auto values = json::extract(json, paths);
  if (!values) {
    return fail(ErrorCode::invalid, "is not JSON that can be indexed: " + values.error().text(),
                model::document_name(name, id));
  }
  std::string encoded;
  for (std::size_t i = 0; i < record.indexes.size(); ++i) {
    const auto& index = record.indexes[i];
    encoded.clear();
    if (auto appended = model::append_index_value(encoded, (*values)[i]); !appended) {
      return fail(appended.error().code, "index '" + index.name + "': " + appended.error().message,
                  model::document_name(name, id));
    }
    const bool clashes = index.unique && !model::is_null_index_value(encoded);
    entries += std::to_string(index.number);
    entries += clashes ? '!' : '=';
    entries += std::to_string(encoded.size());
    entries += ':';
    entries += encoded;
  }
  return entries;
}

std::shared_ptr<const Collection> Catalog::known(const Name& name) const {
  const std::lock_guard lock{mutex_};
  const auto found = collections_.find(name);
  return found == collections_.end() ? nullptr : found->second;
}

void Catalog::forget(const model::Partition& partition, std::string_view collection) {
  const std::lock_guard lock{mutex_};
  collections_.erase({partition, std::string{collection}});
}

void Catalog::forget_all() {
  const std::lock_guard lock{mutex_};
  collections_.clear();
}

Result<std::shared_ptr<const Collection>> Catalog::read(Server& server, const model::Partition& partition,
                                                        std::string_view collection) {
  const Name name{partition, collection};
  auto text = hash_field(server, keys::collections(partition), collection);
  if (!text) return text.error();
  if (text->empty()) {
    forget(partition, collection);
    return std::shared_ptr<const Collection>{};
  }
  auto record = read_record(*text, collection);
  if (!record) return record.error();
  auto read = std::make_shared<const Collection>(name.second, *std::move(record));
  const std::lock_guard lock{mutex_};
  auto& kept = collections_[name];
  // Of two that read at once the later state counts.
  if (!kept || kept->record.generation < read->record.generation) kept = read;
  return std::shared_ptr<const Collection>{read};
}

Result<std::shared_ptr<const Collection>> Catalog::find(Server& server, const model::Partition& partition,
                                                        std::string_view collection) {
  if (auto found = known({partition, std::string{collection}})) return found;
  auto found = read(server, partition, collection);
  if (!found || *found) return found;

  // A partition that is only read is one, too: the next declaration has to find it.
  TIDEMARK_TRY(server.enter(partition));
  auto definition = hash_field(server, std::string{keys::ALL_COLLECTIONS}, collection);
  if (!definition) return definition.error();
  if (definition->empty()) return not_declared(collection);
  auto& shared = server.shared();
  auto declare =
      shared.function("change_collection", {keys::collections(partition), keys::documents(partition, collection)},
                      FunctionCall::Effect::repeatable);
  declare << collection << ""
          << "1" << *definition;
  // "stale": another process was faster, which is as good.
  const auto declared = server.reply(declare);
  if (!declared.answered()) return *declared.failure;
  if (declared.value.is_error()) return failure_of(declared.value, "FCALL");
  found = read(server, partition, collection);
  if (found && !*found) return not_declared(collection);
  return found;
}

}  // namespace tidemark::store
