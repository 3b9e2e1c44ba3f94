// RunChain: runs of one handler, one after the other over one key's events, that become one commit. Each run sees what
// those before it have left, so that a busy key costs the store one commit for many events.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lsn.hpp"
#include "base/result.hpp"
#include "kit/service/catalog.hpp"
#include "model/commit.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// A document as a run has it.
struct RunDocument {
  const CollectionBinding* collection = nullptr;
  std::string id;
  std::optional<model::Version> read;  // as the run found it: the store's version, or that of the run before
  std::string json;                    // meaningless when absent
  bool present = false;
  std::optional<std::size_t> change = std::nullopt;  // its place among the documents of the run's commit
  Lsn seen = {};                                     // of the store's, when it was read
};

// On one fiber.
class RunChain {
 public:
  using Effects = std::vector<std::function<void()>>;
  // Called when runs are committed.
  using Committed = std::function<void(Lsn lsn, Effects effects, bool sets_timers)>;

  RunChain(store::Store& store, model::Partition partition, Committed committed)
      : store_{store}, committed_{std::move(committed)} {
    next_.partition = std::move(partition);
  }

  // The document as the runs so far have left it; null when none of them has looked at it and
  // nobody has foreseen it.
  const RunDocument* find(const CollectionBinding* collection, std::string_view id) const;

  // Has the document as the store has it, before a run looks at it.
  void foresee(RunDocument document) { documents_.push_back(std::move(document)); }

  // Takes over what a run has done, which is settled with it. Its expectations hold for what it did not find here.
  void add(model::Commit run, std::vector<RunDocument> documents, Effects effects);

  // Commits what was added since the last commit. On a failure none of that has taken effect, and the chain is broken:
  // what it knows of documents may be wrong. The failure is kept.
  Result<void> commit();

  // Breaks the chain off, as a commit that fails does.
  void break_off(Failure failure) { broken_ = std::move(failure); }

  // Runs that were added and are not committed.
  std::size_t waiting() const { return waiting_; }
  // Runs that are committed.
  std::size_t committed() const { return committed_runs_; }
  const std::optional<Failure>& broken() const { return broken_; }
  // Of its last commit.
  Lsn seen() const { return seen_; }

 private:
  void add_expectation(model::DocumentExpectation expectation);
  void add_change(model::DocumentChange change);

  store::Store& store_;
  Committed committed_;
  std::vector<RunDocument> documents_;
  model::Commit next_;
  Effects effects_;
  std::size_t waiting_ = 0, committed_runs_ = 0;
  std::optional<Failure> broken_;
  Lsn seen_;
};

}  // namespace tidemark::kit
