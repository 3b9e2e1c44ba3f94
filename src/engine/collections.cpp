#include "engine/collections.hpp"

#include <algorithm>
#include <set>

#include "engine/collection_record.hpp"
#include "engine/index_build.hpp"
#include "engine/keyspace.hpp"
#include "model/rules.hpp"

namespace tidemark::engine {
namespace {

// The collection as it shall be: indexes that stay keep their number, the others get new ones.
Collection changed(const Collection& current, const model::CollectionDefinition& definition) {
  Collection next{.name = definition.name, .number = current.number, .next_index = current.next_index};
  for (const auto& wanted : definition.indexes) {
    const auto* kept = current.find_index(wanted.name);
    const bool same = kept != nullptr && kept->definition == wanted;
    next.indexes.push_back(same ? *kept : Index{next.next_index++, wanted});
  }
  next.set_paths();
  return next;
}

// The numbers that `some` has and `others` has not.
std::vector<std::uint32_t> numbers_only_in(const Collection& some, const Collection& others) {
  std::vector<std::uint32_t> numbers;
  for (const auto& index : some.indexes) {
    const bool in_both = std::any_of(others.indexes.begin(), others.indexes.end(),
                                     [&](const Index& other) { return other.number == index.number; });
    if (!in_both) numbers.push_back(index.number);
  }
  return numbers;
}

}  // namespace

const Index* Collection::find_index(std::string_view index) const {
  const auto found = std::find_if(indexes.begin(), indexes.end(),
                                  [&](const Index& candidate) { return candidate.definition.name == index; });
  return found == indexes.end() ? nullptr : &*found;
}

void Collection::set_paths() {
  std::vector<std::string> dotted;
  for (auto& index : indexes) {
    dotted.push_back(index.definition.path);
    index.path = json::PathSet{{index.definition.path}};
  }
  paths = json::PathSet{dotted};
}

Collections::Collections(storage::Storage& storage) : storage_{storage} { publish(std::make_unique<const Catalog>()); }

Result<void> Collections::load() {
  std::string first{static_cast<char>(Space::collections)};
  std::string end{static_cast<char>(static_cast<char>(Space::collections) + 1)};
  storage::Batch cleaning;
  auto catalog = std::make_unique<Catalog>();
  auto records = storage_.cursor(first, end);
  for (records.seek_first(); records.valid(); records.next()) {
    auto collection = decode_collection(records.key(), records.value());
    if (!collection) return collection.error();
    next_number_ = std::max(next_number_, collection->number + 1);
    if (!collection->abandoned.empty()) {
      drop_indexes(cleaning, collection->number, collection->abandoned);
      collection->abandoned.clear();
      store(cleaning, *collection);
    }
    const auto& kept = collections_.emplace_back(std::make_unique<const Collection>(std::move(*collection)));
    catalog->emplace(kept->name, kept.get());
  }
  TIDEMARK_TRY(records.status());
  publish(std::move(catalog));
  storage_.commit(cleaning);
  return {};
}

Result<const Collection*> Collections::find(std::string_view name) const {
  const auto* const catalog = catalog_.load(std::memory_order_acquire);
  if (const auto found = catalog->find(name); found != catalog->end()) return found->second;
  return fail(ErrorCode::not_found, "is not declared; declare it at the start with service.collection<T>(…)",
              "collection '" + std::string{name} + "'");
}

std::vector<model::CollectionDefinition> Collections::all() const {
  std::vector<model::CollectionDefinition> definitions;
  for (const auto& [name, collection] : *catalog_.load(std::memory_order_acquire)) {
    auto& definition = definitions.emplace_back(model::CollectionDefinition{.name = name, .indexes = {}});
    for (const auto& index : collection->indexes) definition.indexes.push_back(index.definition);
  }
  std::ranges::sort(definitions, {}, &model::CollectionDefinition::name);
  return definitions;
}

Result<Lsn> Collections::declare(const model::CollectionDefinition& definition) {
  TIDEMARK_TRY(model::check_collection(definition));
  const auto found = find(definition.name);
  const Collection fresh{.name = definition.name, .number = next_number_};
  const Collection& current = found ? **found : fresh;
  auto next = std::make_unique<Collection>(changed(current, definition));
  const auto dropped = numbers_only_in(current, *next);
  const bool adds = next->next_index != current.next_index;
  if (found && !adds && dropped.empty()) return storage_.sequenced();

  if (found && adds) TIDEMARK_TRY(build_added(current, *next));
  if (!found) ++next_number_;
  storage::Batch batch;
  drop_indexes(batch, next->number, dropped);
  store(batch, *next);
  // Published first, so that a reader who still finds the old catalog after its reading has missed no entries.
  publish(std::move(next));
  return storage_.commit(batch);
}

// Notes first which numbers are being built, so that after a crash load() erases what was written of them.
Result<void> Collections::build_added(const Collection& current, const Collection& next) {
  const auto added = numbers_only_in(next, current);
  Collection noted = current;
  noted.next_index = next.next_index;
  noted.abandoned = added;
  storage::Batch batch;
  store(batch, noted);
  storage_.commit(batch);

  Collection building = next;
  std::erase_if(building.indexes, [&](const Index& index) { return index.number < current.next_index; });
  building.set_paths();
  auto built = build_indexes(storage_, building);
  if (built) return {};

  batch.clear();
  drop_indexes(batch, current.number, added);
  noted.abandoned.clear();
  store(batch, noted);
  storage_.commit(batch);
  publish(std::make_unique<Collection>(std::move(noted)));  // its numbers must not be given out again
  return built.error();
}

void Collections::store(storage::Batch& batch, const Collection& collection) {
  batch.put(collection_key(collection.name), encode_collection(collection));
}

void Collections::publish(std::unique_ptr<const Collection> collection) {
  auto catalog = std::make_unique<Catalog>(*catalog_.load(std::memory_order_relaxed));
  catalog->insert_or_assign(collection->name, collection.get());
  collections_.push_back(std::move(collection));
  publish(std::move(catalog));
}

void Collections::publish(std::unique_ptr<const Catalog> catalog) {
  catalog_.store(catalog.get(), std::memory_order_release);
  catalogs_.push_back(std::move(catalog));
}

}  // namespace tidemark::engine
