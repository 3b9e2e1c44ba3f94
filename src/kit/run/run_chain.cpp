#include "kit/run/run_chain.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tidemark::kit {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Of one document in one collection.
template <class A, class B>
bool are_of_one(const A& a, const B& b) {
  return a.id == b.id && a.collection == b.collection;
}

}  // namespace

const RunDocument* RunChain::find(const CollectionBinding* collection, std::string_view id) const {
  const auto at = std::ranges::find_if(
      documents_, [&](const RunDocument& document) { return document.collection == collection && document.id == id; });
  return at == documents_.end() ? nullptr : &*at;
}

// Only the first run that looked at a document says what the store must have: what later ones found, the chain left.
void RunChain::add_expectation(model::DocumentExpectation expectation) {
  const bool known =
      std::ranges::any_of(next_.expected_documents, [&](const auto& other) { return are_of_one(other, expectation); });
  if (!known) next_.expected_documents.push_back(std::move(expectation));
}

void RunChain::add_change(model::DocumentChange change) {
  const auto at = std::ranges::find_if(next_.documents, [&](const auto& other) { return are_of_one(other, change); });
  if (at == next_.documents.end())
    next_.documents.push_back(std::move(change));
  else
    *at = std::move(change);
}

void RunChain::add(model::Commit run, std::vector<RunDocument> documents, Effects effects) {
  for (auto& expectation : run.expected_documents) add_expectation(std::move(expectation));
  for (auto& document : documents) {
    if (document.change) {
      const auto& changed = run.documents[*document.change];
      document.read = document.present ? std::optional{changed.version} : std::nullopt;
      document.change.reset();
    }
    const auto at = std::ranges::find_if(documents_, [&](const auto& other) { return are_of_one(other, document); });
    if (at == documents_.end())
      documents_.push_back(std::move(document));
    else
      *at = std::move(document);
  }
  for (auto& change : run.documents) add_change(std::move(change));
  append(next_.expected_queries, std::move(run.expected_queries));
  append(next_.settlements, std::move(run.settlements));
  append(next_.publications, std::move(run.publications));
  append(next_.timers, std::move(run.timers));
  append(effects_, std::move(effects));
  ++waiting_;
}

Result<void> RunChain::commit() {
  if (broken_) return *broken_;
  if (waiting_ == 0) return {};
  auto done = store_.commit(next_);
  if (!done) {
    broken_ = done.error();
    return *broken_;
  }
  const bool sets_timers = !next_.timers.empty();
  model::Commit empty;
  empty.partition = std::move(next_.partition);
  next_ = std::move(empty);
  seen_ = done->lsn;
  committed_runs_ += std::exchange(waiting_, 0);
  committed_(done->lsn, std::exchange(effects_, {}), sets_timers);
  return {};
}

}  // namespace tidemark::kit
