// RedisStore: commits, documents and keys.
#include "model/rules.hpp"
#include "store/redis/answer.hpp"
#include "store/redis/document_query.hpp"
#include "store/redis/joint_commits.hpp"
#include "store/redis/joint_finds.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/redis_store.hpp"
#include "store/redis/replication.hpp"

namespace tidemark::store {
namespace {

constexpr int DECLARED_ANEW_AT_MOST = 20;  // while a query was on its way

bool is_stale(const Failure& failure, const std::string& collection) {
  return failure.code == ErrorCode::conflict && failure.about == collection;
}

}  // namespace

Result<model::Committed> RedisStore::commit(const model::Commit& commit) {
  return locals_.run([&](Local& at) { return at.commits->commit(commit); });
}

Result<model::Read<std::optional<model::Document>>> RedisStore::find(const model::Partition& partition,
                                                                     std::string_view collection, std::string_view id) {
  using Found = model::Read<std::optional<model::Document>>;
  return locals_.run([&](Local& at) -> Result<Found> {
    if (const auto declared = shared_->catalog->find(at.server, partition, collection); !declared) {
      return declared.error();
    }
    return at.finds->find(partition, collection, id);
  });
}

Result<model::Read<model::Page>> RedisStore::query(const model::Partition& partition, const model::Query& query) {
  using Asked = model::Read<model::Page>;
  return locals_.run([&](Local& at) -> Result<Asked> {
    for (int anew = 0;; ++anew) {
      const auto collection = shared_->catalog->find(at.server, partition, query.collection);
      if (!collection) return collection.error();
      const bool is_unknown = !query.index.empty() && (*collection)->find_index(query.index) == nullptr;
      if (is_unknown && anew == 0) {  // another process may have declared it meanwhile
        shared_->catalog->forget(partition, query.collection);
        continue;
      }
      const auto planned = plan_query(**collection, partition, query);
      if (!planned) return planned.error();
      auto read = ask_query(at.server, **collection, partition, *planned, query);
      if (read) return Asked{.value = std::move(read->page), .seen = at.replication->read(partition)};
      if (!is_stale(read.error(), query.collection) || anew == DECLARED_ANEW_AT_MOST) return read.error();
      shared_->catalog->forget(partition, query.collection);
    }
  });
}

Result<model::Read<std::optional<std::string>>> RedisStore::find_key(const model::Partition& partition,
                                                                     std::string_view key) {
  using Found = model::Read<std::optional<std::string>>;
  return locals_.run([&](Local& at) -> Result<Found> {
    const auto call = shared_->function("find_key", {keys::key(partition, key)}, FunctionCall::Effect::reads);
    const auto answer = at.server.run(call);
    if (!answer) return answer.error();
    Found found{.value = {}, .seen = at.replication->read(partition)};
    Answer items{*answer, 1};
    if (!items.at_end()) found.value = std::string{items.text()};
    if (!items.good()) return strange_answer("find_key");
    return found;
  });
}

}  // namespace tidemark::store
