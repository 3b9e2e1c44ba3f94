// DocumentModel: what documents, queries and unique indexes are to do, in the simplest way: maps, sorting and looking
// at everything. For tests.
#pragma once
#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/commit.hpp"

namespace tidemark::engine {

// A member of a document in the model. It compares as an index is to order it.
struct ModelValue {
  enum Kind { absent, boolean, number, text };
  Kind kind = absent;
  double as_number = 0;  // a boolean's, too
  std::string as_text;

  friend auto operator<=>(const ModelValue&, const ModelValue&) = default;

  std::string json() const {
    if (kind == boolean) return as_number != 0 ? "true" : "false";
    if (kind == number) return std::to_string(as_number);
    return kind == text ? '"' + as_text + '"' : "null";
  }
  model::IndexValue index_value() const {
    if (kind == boolean) return as_number != 0;
    if (kind == number) return as_number;
    if (kind == text) return as_text;
    return nullptr;
  }
};

struct ModelDocument {
  std::map<std::string, ModelValue> members;
  model::Version version;

  ModelValue at(const std::string& path) const {
    const auto member = members.find(path);
    return member == members.end() ? ModelValue{} : member->second;
  }
  std::string json() const {
    std::string text = "{";
    for (const auto& [name, value] : members) text += (text.size() > 1 ? ",\"" : "\"") + name + "\":" + value.json();
    return text + "}";
  }
};

struct ModelQuery {
  std::string index;
  std::optional<ModelValue> equal, from, below;
  bool descending = false;
};

class DocumentModel {
 public:
  using Documents = std::map<std::string, ModelDocument>;
  using Changes = std::vector<std::pair<std::string, std::optional<ModelDocument>>>;

  Documents& of(std::uint16_t partition) { return partitions_[partition]; }
  const std::vector<model::IndexDefinition>& indexes() const { return indexes_; }

  // False, and nothing is changed, when a unique value would be there twice.
  bool commit(std::uint16_t partition, const Changes& changes) {
    auto after = of(partition);
    for (const auto& [id, document] : changes) {
      if (document) {
        after[id] = *document;
      } else {
        after.erase(id);
      }
    }
    if (clashes(after, indexes_)) return false;
    of(partition) = std::move(after);
    return true;
  }
  bool declare(const std::vector<model::IndexDefinition>& indexes) {
    for (const auto& [number, documents] : partitions_)
      if (clashes(documents, indexes)) return false;
    indexes_ = indexes;
    return true;
  }

  // The ids of all documents that answer the query, in its order.
  std::vector<std::string> query(std::uint16_t partition, const ModelQuery& query) {
    const auto index = std::find_if(indexes_.begin(), indexes_.end(), [&](auto& i) { return i.name == query.index; });
    std::vector<std::pair<ModelValue, std::string>> found;
    for (const auto& [id, document] : of(partition)) {
      const auto value = index == indexes_.end() ? ModelValue{} : document.at(index->path);
      if (query.equal && value != *query.equal) continue;
      if (query.from && value < *query.from) continue;
      if (query.below && value >= *query.below) continue;
      found.emplace_back(value, id);
    }
    std::sort(found.begin(), found.end());
    if (query.descending) std::reverse(found.begin(), found.end());
    std::vector<std::string> ids;
    for (auto& [value, id] : found) ids.push_back(std::move(id));
    return ids;
  }

 private:
  static bool clashes(const Documents& documents, const std::vector<model::IndexDefinition>& indexes) {
    for (const auto& index : indexes) {
      std::set<ModelValue> taken;
      for (const auto& [id, document] : documents) {
        const auto value = document.at(index.path);
        if (index.unique && value.kind != ModelValue::absent && !taken.insert(value).second) return true;
      }
    }
    return false;
  }

  std::vector<model::IndexDefinition> indexes_;
  std::map<std::uint16_t, Documents> partitions_;
};

}  // namespace tidemark::engine
