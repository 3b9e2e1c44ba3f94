#include "engine/index_entries.hpp"

#include "engine/document_key.hpp"
#include "json/extract.hpp"
#include "model/index_key.hpp"
#include "model/rules.hpp"

namespace tidemark::engine {

bool is_unique_entry(const Index& index, std::string_view entry) {
  return index.definition.unique && !model::is_null_index_value(entry.substr(ENTRY_PREFIX_BYTES));
}

Result<void> compute_index_entries(const Collection& collection, std::uint16_t partition, std::string_view id,
                                   std::string_view json, std::vector<std::string>& entries) {
  const auto values = json::extract(json, collection.paths);
  if (!values) {
    return fail(ErrorCode::invalid, "is not JSON that can be indexed: " + values.error().text(),
                model::document_name(collection.name, id));
  }
  entries.resize(collection.indexes.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& index = collection.indexes[i];
    auto& entry = entries[i];
    entry.clear();
    append_entry_prefix(entry, collection.number, index.number, partition);
    if (auto appended = model::append_index_value(entry, (*values)[i]); !appended) {
      return fail(appended.error().code, "index '" + index.definition.name + "': " + appended.error().message,
                  model::document_name(collection.name, id));
    }
    if (!is_unique_entry(index, entry)) entry.append(id);
  }
  return {};
}

Result<IndexEntry> read_index_entry(std::string_view key, std::string_view stored) {
  const auto value_and_id = key.substr(ENTRY_PREFIX_BYTES);
  const auto size = model::index_value_size(value_and_id);
  if (!size) return fail(ErrorCode::corrupt, "an index holds an entry without a value; declare its index anew");
  const auto id = stored.empty() ? value_and_id.substr(*size) : stored;
  if (id.empty()) return fail(ErrorCode::corrupt, "an index holds an entry without an id; declare its index anew");
  return IndexEntry{value_and_id.substr(0, *size), id};
}

}  // namespace tidemark::engine
