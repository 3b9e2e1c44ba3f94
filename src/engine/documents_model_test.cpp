// Documents beside their model, over random commits, declarations, queries, restarts and crashes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "engine/document_key.hpp"
#include "engine/document_model.hpp"
#include "engine/index_entries.hpp"
#include "engine/test_documents.hpp"

namespace tidemark::engine {
namespace {

constexpr auto COLLECTION = "test.things";

// Few ids and values, so that they meet; ids of which one begins with another one.
const std::vector<std::string> IDS{"a", "ab", "b", std::string("b\0", 2), "c", "\xff"};

rc::Gen<ModelValue> any_value() {
  const auto number = [](int halves) { return ModelValue{ModelValue::number, halves / 2.0, {}}; };
  const auto boolean = [](bool value) { return ModelValue{ModelValue::boolean, value ? 1.0 : 0.0, {}}; };
  const auto text = [](std::string value) { return ModelValue{ModelValue::text, 0, std::move(value)}; };
  return rc::gen::oneOf(rc::gen::just(ModelValue{}), rc::gen::map(rc::gen::inRange(-4, 5), number),
                        rc::gen::map(rc::gen::arbitrary<bool>(), boolean),
                        rc::gen::map(rc::gen::element<std::string>("", "x", "xy", "y"), text));
}

class Side {
 public:
  Side() { declare(); }

  void step() {
    const auto kind = *rc::gen::inRange(0, 20);
    if (kind < 10) return commit();
    if (kind < 15) return query();
    if (kind < 17) return declare();
    if (kind == 17) return real_.reopen();
    if (kind == 18) return real_.reopen_after_crash();
    stale_commit();
  }

  void compare() {
    for (const std::uint16_t partition : {0, 1}) {
      for (const auto& id : IDS) {
        const auto found = real_->find({"test", partition}, COLLECTION, id).value();
        const auto& documents = model_.of(partition);
        const auto expected = documents.find(id);
        RC_ASSERT(found.has_value() == (expected != documents.end()));
        if (!found) continue;
        RC_ASSERT(found->json == expected->second.json());
        RC_ASSERT(found->version == expected->second.version);
      }
    }
    compare_entries();
  }

 private:
  // What the indexes hold is what the documents say, no more and no less.
  void compare_entries() {
    Collections collections{real_.storage()};
    collections.load().or_raise();
    const auto& collection = **collections.find(COLLECTION);
    std::set<std::string> expected, found;
    for (const std::uint16_t partition : {0, 1}) {
      for (const auto& [id, document] : model_.of(partition)) {
        std::vector<std::string> entries;
        compute_index_entries(collection, partition, id, document.json(), entries).or_raise();
        expected.insert(entries.begin(), entries.end());
      }
    }
    auto at = real_.storage().exact_cursor("x", "y");
    for (at.seek_first(); at.valid(); at.next()) found.emplace(at.key());
    RC_ASSERT(found == expected);
  }

  void declare() {
    std::vector<model::IndexDefinition> indexes;
    for (const auto* path : {"p", "q", "r"}) {
      if (*rc::gen::arbitrary<bool>()) indexes.push_back({path, path, *rc::gen::arbitrary<bool>()});
    }
    const auto declared = real_->declare({COLLECTION, indexes});
    RC_ASSERT(declared.has_value() == model_.declare(indexes));
    if (!declared) RC_ASSERT(declared.error().code == ErrorCode::already_exists);
  }

  ModelDocument any_document() {
    ModelDocument document{.version = real_.next_version()};
    for (const auto* path : {"p", "q", "r"}) {
      if (*rc::gen::arbitrary<bool>()) document.members[path] = *any_value();
    }
    return document;
  }

  void commit() {
    const auto partition = *any_partition();
    DocumentModel::Changes changes;
    model::Commit commit{.partition = {"test", partition}};
    for (int count = *rc::gen::inRange(1, 5); count > 0; --count) {
      const auto id = *rc::gen::elementOf(IDS);
      const auto document = *rc::gen::inRange(0, 3) > 0 ? std::optional{any_document()} : std::nullopt;
      changes.emplace_back(id, document);
      commit.documents.push_back({COLLECTION, id, std::nullopt, {}});
      if (document) commit.documents.back().json = document->json();
      if (document) commit.documents.back().version = document->version;
    }
    for (const auto& id : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(IDS))) {
      commit.expected_documents.push_back({COLLECTION, id, version_of(partition, id)});
    }
    const auto done = real_.commit(commit);
    RC_ASSERT(done.has_value() == model_.commit(partition, changes));
    if (!done) RC_ASSERT(done.error().code == ErrorCode::already_exists);
  }

  // Expects a version that a document does not have.
  void stale_commit() {
    const auto partition = *any_partition();
    model::Commit commit{.partition = {"test", partition}};
    for (const auto& id : IDS) commit.documents.push_back({COLLECTION, id, std::nullopt, {}});
    const auto id = *rc::gen::elementOf(IDS);
    const auto version = version_of(partition, id);
    const std::optional<model::Version> other = model::Version{version ? version->counter + 1 : 1, 7};
    commit.expected_documents.push_back(
        {COLLECTION, id, version && *rc::gen::arbitrary<bool>() ? std::nullopt : other});
    RC_ASSERT(real_.commit(commit).error().code == ErrorCode::conflict);
  }

  // Through all its pages.
  void query() {
    const auto partition = *any_partition();
    const auto wanted = any_query();
    const auto as_index_value = [](const std::optional<ModelValue>& value) {
      return value ? std::optional{value->index_value()} : std::nullopt;
    };
    model::Query query{.collection = COLLECTION,
                       .index = wanted.index,
                       .equal = as_index_value(wanted.equal),
                       .from = as_index_value(wanted.from),
                       .below = as_index_value(wanted.below),
                       .descending = wanted.descending,
                       .limit = *rc::gen::inRange<std::uint32_t>(1, 8)};
    std::vector<std::string> ids;
    do {
      const auto page = real_->query({"test", partition}, query).value();
      RC_ASSERT(page.documents.size() == query.limit || page.next.empty());
      for (const auto& document : page.documents) {
        RC_ASSERT(document.version == version_of(partition, document.id));
        ids.push_back(document.id);
      }
      query.after = page.next;
    } while (!query.after.empty());
    RC_ASSERT(ids == model_.query(partition, wanted));
  }

  ModelQuery any_query() {
    ModelQuery query{.descending = *rc::gen::arbitrary<bool>()};
    const auto& indexes = model_.indexes();
    if (indexes.empty() || *rc::gen::inRange(0, 4) == 0) return query;
    query.index = (*rc::gen::elementOf(indexes)).name;
    const auto shape = *rc::gen::inRange(0, 5);
    if (shape == 1) query.equal = *any_value();
    if (shape == 2 || shape == 4) query.from = *any_value();
    if (shape == 3 || shape == 4) query.below = *any_value();
    return query;
  }

  rc::Gen<std::uint16_t> any_partition() { return rc::gen::element<std::uint16_t>(0, 1); }

  std::optional<model::Version> version_of(std::uint16_t partition, const std::string& id) {
    const auto& documents = model_.of(partition);
    const auto found = documents.find(id);
    return found == documents.end() ? std::nullopt : std::optional{found->second.version};
  }

  TestDocuments real_;
  DocumentModel model_;
};

RC_GTEST_PROP(DocumentsModel, AnyHistoryGivesWhatTheModelGives, ()) {
  Side side;
  const auto steps = *rc::gen::inRange(1, 40);
  for (int i = 0; i < steps; ++i) {
    side.step();
    side.compare();
  }
}

}  // namespace
}  // namespace tidemark::engine
