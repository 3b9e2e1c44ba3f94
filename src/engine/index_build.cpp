#include "engine/index_build.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/document_key.hpp"
#include "engine/index_entries.hpp"
#include "engine/keyspace.hpp"
#include "model/rules.hpp"

namespace tidemark::engine {
namespace {

// A batch of a build: beside it nothing else is in memory, and a write of this size takes some milliseconds.
constexpr std::size_t BATCH_BYTES = 1 << 20;

class Builder {
 public:
  Builder(storage::Storage& storage, const Collection& collection) : storage_{storage}, collection_{collection} {}

  Result<void> add(std::string_view key, std::string_view stored) {
    const auto partition = static_cast<std::uint16_t>(read_big_endian(key, DOCUMENT_PREFIX_BYTES - 2, 2));
    const auto id = key.substr(DOCUMENT_PREFIX_BYTES);
    if (!stored_version(stored)) {
      return fail(ErrorCode::corrupt, "a stored document has no version; restore the data directory from a copy",
                  model::document_name(collection_.name, id));
    }
    TIDEMARK_TRY(compute_index_entries(collection_, partition, id, stored_json(stored), entries_));
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!is_unique_entry(collection_.indexes[i], entries_[i])) {
        batch_.put(entries_[i], {});
        continue;
      }
      TIDEMARK_TRY(check_free(collection_.indexes[i], entries_[i], id));
      batch_.put(entries_[i], id);
    }
    if (batch_.bytes() >= BATCH_BYTES) write();
    return {};
  }

  void write() {
    storage_.commit(batch_);
    batch_.clear();
    unwritten_.clear();
  }

 private:
  Result<void> check_free(const Index& index, const std::string& entry, std::string_view id) {
    const auto [holder, is_new] = unwritten_.try_emplace(entry, id);
    if (!is_new) return unique_clash(collection_.name, index, holder->second, id);
    const auto written = storage_.get(entry, holder_);
    if (!written) return written.error();
    if (*written) return unique_clash(collection_.name, index, holder_, id);
    return {};
  }

  storage::Storage& storage_;
  const Collection& collection_;
  storage::Batch batch_;
  boost::unordered_flat_map<std::string, std::string> unwritten_;  // unique entries of the batch, and whose they are
  std::vector<std::string> entries_;
  std::string holder_;
};

}  // namespace

Result<void> build_indexes(storage::Storage& storage, const Collection& collection) {
  std::string first;
  append_collection_prefix(first, collection.number);
  Builder builder{storage, collection};
  auto documents = storage.cursor(first, end_of_prefix(first));
  for (documents.seek_first(); documents.valid(); documents.next()) {
    TIDEMARK_TRY(builder.add(documents.key(), documents.value()));
  }
  TIDEMARK_TRY(documents.status());
  builder.write();
  return {};
}

void drop_indexes(storage::Batch& batch, std::uint32_t collection, std::span<const std::uint32_t> indexes) {
  for (const auto index : indexes) {
    std::string first;
    append_index_prefix(first, collection, index);
    batch.erase_range(first, end_of_prefix(first));
  }
}

Failure unique_clash(std::string_view collection, const Index& index, std::string_view holder, std::string_view other) {
  return fail(
      ErrorCode::already_exists,
      detail::concatenate("documents '", holder, "' and '", other, "' have the same value at '", index.definition.path,
                          "', which the index '", index.definition.name, "' says is unique"),
      std::string{collection});
}

}  // namespace tidemark::engine
