#include "engine/document_query.hpp"

#include <string>
#include <utility>

#include "engine/document_key.hpp"
#include "engine/index_entries.hpp"
#include "engine/page_cursor.hpp"
#include "json/extract.hpp"
#include "model/index_key.hpp"
#include "model/rules.hpp"

namespace tidemark::engine {
namespace {

// The keys in [first, end) that answer a query: of documents, or of entries of `index`.
struct Range {
  const Index* index = nullptr;
  std::string prefix;  // what all keys of this order begin with
  std::string first, end;

  bool empty() const { return first >= end; }
};

Result<const Index*> find_index(const Collection& collection, const model::Query& query) {
  if (query.index.empty()) return nullptr;
  if (const auto* const index = collection.find_index(query.index)) return index;
  std::string known;
  for (const auto& index : collection.indexes) known += (known.empty() ? "" : ", ") + index.definition.name;
  return fail(ErrorCode::invalid, "the collection has no such index; it has: " + (known.empty() ? "none" : known),
              model::query_name(query));
}

Result<std::string> bound(const std::string& prefix, const model::IndexValue& value, const model::Query& query) {
  auto key = prefix;
  if (auto appended = model::append_index_value(key, value); !appended) {
    return fail(ErrorCode::invalid, appended.error().message, model::query_name(query));
  }
  return key;
}

Result<void> narrow_to_values(Range& range, const model::Query& query) {
  if (const auto& lowest = query.equal ? query.equal : query.from) {
    auto first = bound(range.prefix, *lowest, query);
    if (!first) return first.error();
    range.first = std::move(*first);
    if (query.equal) range.end = end_of_prefix(range.first);
  }
  if (query.below) {
    auto end = bound(range.prefix, *query.below, query);
    if (!end) return end.error();
    range.end = std::move(*end);
  }
  return {};
}

std::uint32_t number_of(const Range& range) { return range.index != nullptr ? range.index->number : 0; }

Result<void> narrow_to_rest(Range& range, const Collection& collection, const model::Query& query) {
  auto after = PageCursor::parse(query.after);
  if (!after) return fail(after.error().code, after.error().message, model::query_name(query));
  const bool ours = after->collection == collection.number && after->index == number_of(range) &&
                    after->descending == query.descending;
  if (!ours) {
    return fail(ErrorCode::invalid,
                "the cursor is of another query, or its index was declared anew since; begin at the first page",
                model::query_name(query));
  }
  auto position = range.prefix + after->position;
  if (query.descending) {
    range.end = std::min(range.end, position);
  } else {
    position.push_back('\0');  // the lowest key above it
    range.first = std::max(range.first, position);
  }
  return {};
}

Result<Range> range_of(const Collection& collection, std::uint16_t partition, const model::Query& query) {
  TIDEMARK_TRY(model::check_query(query));
  const auto index = find_index(collection, query);
  if (!index) return index.error();
  Range range{.index = *index};
  if (range.index != nullptr) {
    append_entry_prefix(range.prefix, collection.number, range.index->number, partition);
  } else {
    append_document_prefix(range.prefix, collection.number, partition);
  }
  range.first = range.prefix;
  range.end = end_of_prefix(range.prefix);
  TIDEMARK_TRY(narrow_to_values(range, query));
  if (!query.after.empty()) TIDEMARK_TRY(narrow_to_rest(range, collection, query));
  return range;
}

// Reads documents for the keys that a cursor stands on.
class Reader {
 public:
  // Made before the cursor.
  Reader(const storage::Storage& storage, const RecentDocuments& documents, const Collection& collection,
         std::uint16_t partition, const Index* index)
      : storage_{storage}, documents_{documents}, collection_{collection}, index_{index}, begun_{storage.visible()} {
    append_document_prefix(document_key_, collection.number, partition);
  }

  // None for an entry whose document has another value by now: the entries are of the moment when the cursor was made,
  // documents are as they are.
  Result<std::optional<model::Document>> read(const storage::Cursor& at) {
    if (index_ == nullptr) return document(at.key().substr(DOCUMENT_PREFIX_BYTES), at.value());
    const auto entry = read_index_entry(at.key(), at.value());
    if (!entry) return entry.error();
    document_key_.resize(DOCUMENT_PREFIX_BYTES);
    document_key_.append(entry->id);
    const auto found = documents_.get(document_key_, stored_);
    if (!found) return found.error();
    if (!*found) return std::optional<model::Document>{};
    if (storage_.visible() == begun_) return document(entry->id, stored_);
    const auto still = has_value(entry->value);
    if (!still) return still.error();
    return *still ? document(entry->id, stored_) : std::optional<model::Document>{};
  }

 private:
  Result<std::optional<model::Document>> document(std::string_view id, std::string_view stored) const {
    const auto version = stored_version(stored);
    if (!version) {
      return fail(ErrorCode::corrupt, "the stored document has no version; restore the data directory from a copy",
                  model::document_name(collection_.name, id));
    }
    return std::optional{model::Document{std::string{id}, std::string{stored_json(stored)}, *version}};
  }

  Result<bool> has_value(std::string_view encoded) {
    if (!stored_version(stored_)) return true;  // which document() reports
    const auto values = json::extract(stored_json(stored_), index_->path);
    if (!values) return values.error();
    value_.clear();
    TIDEMARK_TRY(model::append_index_value(value_, values->front()));
    return value_ == encoded;
  }

  const storage::Storage& storage_;
  const RecentDocuments& documents_;
  const Collection& collection_;
  const Index* index_;
  const Lsn begun_;  // while nothing is committed after it, the entries tell of the documents as they are
  std::string document_key_, stored_, value_;
};

}  // namespace

Result<model::Page> read_page(const storage::Storage& storage, const RecentDocuments& documents,
                              const Collection& collection, std::uint16_t partition, const model::Query& query) {
  const auto range = range_of(collection, partition, query);
  if (!range) return range.error();
  model::Page page;
  if (range->empty()) return page;

  Reader reader{storage, documents, collection, partition, range->index};
  PageCursor last{.collection = collection.number, .index = number_of(*range), .descending = query.descending};
  std::size_t bytes = 0;
  auto at = storage.cursor(range->first, range->end);
  for (query.descending ? at.seek_last() : at.seek_first(); at.valid(); query.descending ? at.previous() : at.next()) {
    if (page.documents.size() == query.limit || bytes >= PAGE_BYTES_MAX) {
      page.next = last.text();
      break;
    }
    auto document = reader.read(at);
    if (!document) return document.error();
    if (!*document) continue;
    bytes += (*document)->json.size();
    page.documents.push_back(*std::move(*document));
    last.position = at.key().substr(range->prefix.size());
    if (query.with_cursors) page.cursors.push_back(last.text());
  }
  TIDEMARK_TRY(at.status());
  return page;
}

}  // namespace tidemark::engine
