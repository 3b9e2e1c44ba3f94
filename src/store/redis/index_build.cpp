#include "store/redis/index_build.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "store/redis/catalog.hpp"
#include "store/redis/document_query.hpp"
#include "store/redis/keys.hpp"

namespace tidemark::store {
namespace {

constexpr int TRIES = 50;                      // while other processes declare the same collection
constexpr std::uint32_t PAGE_DOCUMENTS = 200;  // in one call: about 2 ms at the server

bool has(const model::CollectionDefinition& definition, const CollectionIndex& index) {
  return std::ranges::any_of(definition.indexes, [&](const auto& wanted) { return index.is(wanted); });
}

bool is_as_defined(const CollectionRecord& record, const model::CollectionDefinition& definition) {
  return record.indexes.size() == definition.indexes.size() &&
         std::ranges::all_of(record.indexes,
                             [&](const auto& index) { return !index.building && has(definition, index); });
}

class Build {
 public:
  Build(Server& server, const model::Partition& partition, const model::CollectionDefinition& definition)
      : server_{server}, shared_{server.shared()}, partition_{partition}, definition_{definition} {}

  Result<void> run() {
    for (int tries = 0; tries < TRIES; ++tries) {
      const auto current = shared_.catalog->read(server_, partition_, definition_.name);
      if (!current) return current.error();
      if (*current && is_as_defined((*current)->record, definition_)) return {};
      const auto moved_on = *current ? step(**current) : make();
      if (!moved_on) return moved_on.error();
    }
    return fail(ErrorCode::unavailable, "other processes declare it otherwise again and again; start one version only",
                "collection '" + definition_.name + "'");
  }

 private:
  Result<bool> make() { return change(std::nullopt, first_record(definition_), {}); }

  // Either what is missing is noted as building, or it is filled and the rest is dropped. False when another process
  // has changed the collection meanwhile.
  Result<bool> step(const Collection& current) {
    auto next = current.record;
    // What another declaration began and did not end.
    const auto abandoned =
        take_out(next, [&](const auto& index) { return index.building && !has(definition_, index); });
    for (const auto& wanted : definition_.indexes) {
      if (std::ranges::any_of(next.indexes, [&](const auto& index) { return index.is(wanted); })) continue;
      next.indexes.push_back({.number = next.next_number++,
                              .name = wanted.name,
                              .path = wanted.path,
                              .unique = wanted.unique,
                              .building = true});
    }
    if (next.indexes != current.record.indexes) return change(current.record, std::move(next), abandoned);

    if (auto filled = fill(current); !filled) {
      if (filled.error().code == ErrorCode::conflict) return false;
      const auto undone = undo(current);
      return undone ? filled.error() : undone.error();
    }
    const auto dropped = take_out(next, [&](const auto& index) { return !has(definition_, index); });
    for (auto& index : next.indexes) index.building = false;
    return change(current.record, std::move(next), dropped);
  }

  Result<bool> undo(const Collection& current) {
    auto before = current.record;
    const auto dropped = take_out(before, [](const auto& index) { return index.building; });
    return change(current.record, std::move(before), dropped);
  }

  // Returns the numbers of those that are gone.
  template <class Chosen>
  static std::vector<std::uint32_t> take_out(CollectionRecord& record, Chosen chosen) {
    std::vector<std::uint32_t> numbers;
    for (const auto& index : record.indexes) {
      if (chosen(index)) numbers.push_back(index.number);
    }
    std::erase_if(record.indexes, chosen);
    return numbers;
  }

  Result<bool> change(const std::optional<CollectionRecord>& from, CollectionRecord to,
                      const std::vector<std::uint32_t>& dropped) {
    if (from) to.generation = from->generation + 1;
    std::vector<std::string> keys{keys::collections(partition_), keys::documents(partition_, definition_.name)};
    for (const auto number : dropped) keys.push_back(keys::index(partition_, definition_.name, number));
    auto call = shared_.function("change_collection", keys, FunctionCall::Effect::repeatable);
    call << definition_.name << (from ? std::to_string(from->generation) : std::string{}) << to.generation
         << write_record(to);
    auto changed = server_.run(call);
    shared_.catalog->forget(partition_, definition_.name);
    if (changed) return true;
    if (changed.error().code == ErrorCode::conflict) return false;
    return changed.error();
  }

  // `conflict` when the collection was changed meanwhile.
  Result<void> fill(const Collection& current) {
    if (std::ranges::none_of(current.record.indexes, &CollectionIndex::building)) return {};
    model::Query query;
    query.collection = current.name;
    query.limit = PAGE_DOCUMENTS;
    do {
      const auto planned = plan_query(current, partition_, query);
      if (!planned) return planned.error();
      const auto read = ask_query(server_, current, partition_, *planned, query);
      if (!read) return read.error();
      TIDEMARK_TRY(index(current, read->page.documents));
      query.after = read->page.next;
    } while (!query.after.empty());
    return {};
  }

  Result<void> index(const Collection& current, const std::vector<model::Document>& documents) {
    if (documents.empty()) return {};
    std::vector<std::string> keys{keys::documents(partition_, current.name)};
    for (const auto& index : current.record.indexes) {
      keys.push_back(keys::index(partition_, current.name, index.number));
    }
    auto call = shared_.function("reindex", keys, FunctionCall::Effect::repeatable);
    call << current.name << current.record.generation;
    for (const auto& document : documents) {
      auto entries = current.entries_of(document.id, document.json);
      if (!entries) return entries.error();
      call << document.id << document.version.text() << *entries;
    }
    if (auto indexed = server_.run(call); !indexed) return indexed.error();
    return {};
  }

  Server& server_;
  Shared& shared_;
  const model::Partition& partition_;
  const model::CollectionDefinition& definition_;
};

}  // namespace

Result<void> build_indexes(Server& server, const model::Partition& partition,
                           const model::CollectionDefinition& definition) {
  return Build{server, partition, definition}.run();
}

}  // namespace tidemark::store
