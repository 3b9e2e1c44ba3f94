#include "kit/run/foresight.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "kit/run/side_by_side.hpp"

namespace tidemark::kit {

void Foresight::learn(const model::Fields& event, std::span<const RunDocument> documents) {
  std::vector<Link> links;
  for (const auto& document : documents) {
    for (const auto& field : event) {
      if (field.value != document.id) continue;
      links.push_back({document.collection, std::string{field.name}});
      break;
    }
  }
  if (!links.empty()) links_ = std::move(links);
}

void Foresight::look_ahead(store::Store& store, const model::Partition& partition,
                           std::span<const model::Fields> events, RunChain& chain) const {
  std::set<std::pair<const CollectionBinding*, std::string>> wanted;
  for (const auto& event : events) {
    for (const auto& [collection, member] : links_) {
      if (const auto id = event.find(member)) wanted.emplace(collection, *id);
    }
  }
  if (wanted.empty()) return;
  const std::vector<std::pair<const CollectionBinding*, std::string>> documents{wanted.begin(), wanted.end()};
  side_by_side("look ahead", documents.size(), [&](std::size_t i) {
    const auto& [collection, id] = documents[i];
    auto read = store.find(partition, collection->name, id);
    if (!read) return;
    RunDocument document{.collection = collection, .id = id, .read = {}, .json = {}, .seen = read->seen};
    if (read->value) {
      document.read = read->value->version;
      document.json = std::move(read->value->json);
      document.present = true;
    }
    chain.foresee(std::move(document));
  });
}

}  // namespace tidemark::kit
