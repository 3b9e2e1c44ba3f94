#include "kit/run/merged_page.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "json/extract.hpp"
#include "kit/run/side_by_side.hpp"
#include "model/index_key.hpp"

namespace tidemark::kit {
namespace {

constexpr std::size_t PAGE_BYTES_MAX = 4 << 20;  // 4 MiB of documents; the page ends behind the one that passes it

// What one partition has of the list, read piece by piece.
class Part {
 public:
  Part(store::Store& store, model::Partition partition, model::Query query)
      : store_{store}, partition_{std::move(partition)}, query_{std::move(query)} {}

  // Reads on where there is no document left of what was read. Afterwards done() says whether there is a first one.
  Result<void> refill() {
    while (at_ == page_.documents.size() && more_) {
      auto read = store_.query(partition_, query_);
      if (!read) return read.error();
      seen_ = std::max(seen_, read->seen);
      page_ = std::move(read->value);
      at_ = 0;
      more_ = !page_.next.empty();
      query_.after = page_.next;
    }
    return done() ? Result<void>{} : place_first();
  }

  bool done() const { return at_ == page_.documents.size(); }
  // Where the first document stands in the order.
  const std::string& place() const { return place_; }
  Lsn seen() const { return seen_; }

  // Moves the first document, and the cursor behind it, out.
  void take(model::Page& into) {
    into.documents.push_back(std::move(page_.documents[at_]));
    into.next = std::move(page_.cursors.at(at_));
    ++at_;
  }

 private:
  Result<void> place_first() {
    const auto& document = page_.documents[at_];
    place_.clear();
    if (!query_.index.empty()) {
      auto values = json::extract(document.json, json::PathSet{{query_.index}});
      if (!values) return values.error();
      TIDEMARK_TRY(model::append_index_value(place_, values->front()));
    }
    place_ += document.id;  // the order of equal values
    return {};
  }

  store::Store& store_;
  model::Partition partition_;
  model::Query query_;
  model::Page page_;
  std::size_t at_ = 0;
  bool more_ = true;
  std::string place_;
  Lsn seen_;
};

// The part whose first document is the next one of the list; null when there is none.
Part* next_of(std::vector<Part>& parts, bool descending) {
  Part* next = nullptr;
  for (auto& part : parts) {
    if (part.done()) continue;
    if (!next || (descending ? part.place() > next->place() : part.place() < next->place())) next = &part;
  }
  return next;
}

}  // namespace

Result<model::Read<model::Page>> merged_page(store::Store& store, const std::string& service, std::uint16_t partitions,
                                             const model::Query& query) {
  // Each has about its share of a page, so it is seldom asked twice.
  auto piece = query;
  piece.with_cursors = true;
  piece.limit = std::min(query.limit, query.limit / partitions + 8);
  std::vector<Part> parts;
  parts.reserve(partitions);
  for (std::uint16_t number = 0; number < partitions; ++number)
    parts.emplace_back(store, model::Partition{service, number}, piece);

  std::vector<std::optional<Failure>> failures(partitions);
  side_by_side("query " + query.collection, partitions, [&](std::size_t i) {
    if (auto filled = parts[i].refill(); !filled) failures[i] = filled.error();
  });
  for (auto& failure : failures)
    if (failure) return std::move(*failure);

  model::Read<model::Page> page{};
  std::size_t bytes = 0;
  Part* next = next_of(parts, query.descending);
  while (next && page.value.documents.size() < query.limit && bytes < PAGE_BYTES_MAX) {
    next->take(page.value);
    bytes += page.value.documents.back().json.size();
    TIDEMARK_TRY(next->refill());
    next = next_of(parts, query.descending);
  }
  if (!next) page.value.next.clear();
  for (const auto& part : parts) page.seen = std::max(page.seen, part.seen());
  return page;
}

}  // namespace tidemark::kit
