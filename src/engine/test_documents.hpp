// TestDocuments: documents on a storage in a directory of its own, committed to as the engine does.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/documents.hpp"
#include "storage/storage.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::engine {

class TestDocuments {
 public:
  TestDocuments() { open(); }

  Documents* operator->() { return documents_.get(); }
  storage::Storage& storage() { return *storage_; }

  void reopen() {
    documents_.reset();
    storage_.reset();
    open();
  }
  // As a process that was killed would find it.
  void reopen_after_crash() {
    storage_->flush_to_os();
    auto after_crash = std::make_unique<storage::TestDirectory>();
    after_crash->become_copy_of(*directory_);
    documents_.reset();
    storage_.reset();
    directory_ = std::move(after_crash);
    open();
  }

  Result<Lsn> commit(const model::Commit& commit) {
    TIDEMARK_TRY(documents_->check(commit));
    storage::Batch batch;
    documents_->apply(commit, batch);
    const auto lsn = storage_->commit(batch);
    documents_->committed();
    return lsn;
  }
  Result<Lsn> put(std::string collection, std::string id, std::string json) {
    return commit({.documents = {{std::move(collection), std::move(id), std::move(json), next_version()}}});
  }
  Result<Lsn> erase(std::string collection, std::string id) {
    return commit({.documents = {{std::move(collection), std::move(id), std::nullopt, {}}}});
  }

  // The JSON of a document in partition 0, or "absent".
  std::string json_of(std::string_view collection, std::string_view id) {
    const auto found = documents_->find({}, collection, id).value();
    return found ? found->json : "absent";
  }
  std::vector<std::string> ids(const model::Query& query) {
    std::vector<std::string> ids;
    const auto page = documents_->query({}, query).value();
    for (const auto& document : page.documents) ids.push_back(document.id);
    return ids;
  }
  // How many keys there are in a space, of whatever collection.
  std::size_t count_keys(char space) {
    std::size_t count = 0;
    auto at = storage_->exact_cursor(std::string{space}, std::string{static_cast<char>(space + 1)});
    for (at.seek_first(); at.valid(); at.next()) ++count;
    return count;
  }

  model::Version next_version() { return {++counter_, 7}; }

 private:
  void open() {
    storage_ = storage::Storage::open({.path = directory_->path(), .durability = {storage::Durability::Mode::never}})
                   .or_raise();
    documents_ = std::make_unique<Documents>(*storage_);
    documents_->load().or_raise();
  }

  std::unique_ptr<storage::TestDirectory> directory_ = std::make_unique<storage::TestDirectory>();
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<Documents> documents_;
  std::uint64_t counter_ = 0;
};

}  // namespace tidemark::engine
