// Committing: one commit on its way, from the collections that it needs to know to the answer, however often the server
// has to be asked.
#pragma once
#include <vector>

#include "base/result.hpp"
#include "model/commit.hpp"
#include "store/redis/commit_call.hpp"
#include "store/redis/local.hpp"

namespace tidemark::store {

class Committing {
 public:
  // On a fiber of the thread. `stands_for` so many: their refusal is none of theirs yet.
  Committing(Local& at, const model::Commit& commit, std::size_t stands_for = 1)
      : at_{at}, server_{at.server}, shared_{at.server.shared()}, commit_{commit}, stands_for_{stands_for} {}

  // As Store::commit. When the answer got lost it asks again, as a repetition of the same commit, up to the fiber's
  // deadline or for 30 s; then whether it was applied is not known: `unavailable`.
  Result<model::Committed> run();
  // The same in two steps. Between them the commit stands, but on a cluster what it published may be on its way.
  Result<model::Committed> apply();
  void forward(const model::Committed& committed);

 private:
  Result<void> prepare();
  Result<CommitCollections> find_collections();
  Result<std::vector<QueryState>> ask_queries(const CommitCollections& collections);
  // The server's answer, a refusal or an error of it included.
  Result<resp::Value> send(const CommitCall& call);
  Result<model::Committed> accept(const resp::Value& answer, CommitNumbers::Number number);
  Lsn note_lsn(CommitNumbers::Number number);
  void forward_published(const model::Committed& committed);
  void count(const Failure& failure);

  Local& at_;
  Server& server_;
  Shared& shared_;
  const model::Commit& commit_;
  const std::size_t stands_for_;
};

}  // namespace tidemark::store
