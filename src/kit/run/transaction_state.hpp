// TransactionState: one run of a handler or an endpoint over a store, collected into one model::Commit.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kit/run/run_chain.hpp"
#include "kit/run/run_record.hpp"
#include "kit/service/catalog.hpp"
#include "model/commit.hpp"
#include "store/store.hpp"
#include "tidemark/transaction.hpp"

namespace tidemark::kit {

// Which partitions of its service's documents a run reads and writes.
struct Reach {
  std::uint16_t partitions = 1;                // of the service
  std::optional<std::uint16_t> partition = 0;  // the one that it reads and writes; none: it reads in all of them
  bool by_chance = false;                      // that one was chosen for this request, and follows from no key
};

// What the runs of one event or one request have in common.
struct Cause {
  std::string service;  // who runs
  std::string scope;    // the group, or the endpoint's method and path
  Reach reach;
  std::string id;                   // of the event or request: stable over reruns, restarts and repeated requests
  TimePoint time{};                 // of the event or request: as stable
  telemetry::TraceContext trace{};  // its span is the run's
};

// Whether the store could not do it at this time: it says nothing about what it was asked for.
bool is_outage(ErrorCode code);

}  // namespace tidemark::kit

namespace tidemark::detail {

class TransactionState {
 public:
  // `seen` is the LSN of the hand-over of the event; `began` what now() answers. `nonce` marks the versions that
  // this process makes. With a chain it runs upon what the runs in that have left.
  TransactionState(store::Store& store, kit::Catalog& catalog, const kit::Cause& cause, TimePoint began,
                   std::uint64_t nonce, std::uint32_t attempt = 1, Lsn seen = {}, kit::RunChain* chain = nullptr);

  // Takes it for granted that nothing stands under the ids that new_id() makes, instead of looking; where that is wrong
  // the commit is a conflict, and the next run must look. Comes before the function runs.
  void trust_new_ids() { trusts_new_ids_ = true; }

  // Notes in `record`, which lives as long as the run does, what it publishes and changes: anew, and nothing of a run
  // before. Comes before the function runs.
  void note_in(kit::RunRecord& record);

  // Nothing of this run is ever to be committed: durable() throws. Comes before the function runs.
  void rehearse() { rehearses_ = true; }
  // Whether a rehearsed run has called durable(), even if the function has caught what that threw.
  bool stopped_at_durable() const { return stopped_at_durable_; }
  // What a rehearsed run would have committed. Afterwards it is over.
  model::Commit take_changes() {
    over_ = true;
    return std::move(commit_);
  }

  bool find(const TypeInfo& type, std::string_view id, void* document);
  std::uint64_t put(const TypeInfo& type, const std::string& id, const void* document);
  std::uint64_t erase(const TypeInfo& type, std::string_view id);
  // The tag of the document as this run leaves it; none where there is none.
  std::optional<std::string> etag(const TypeInfo& type, std::string_view id);
  // The same, only of what this run has read or written already.
  std::optional<std::string> known_etag(const TypeInfo& type, std::string_view id);
  std::optional<std::string> query(const TypeInfo& type, const DocumentQuery& query, const std::function<void*()>& add);
  std::string publish(const TypeInfo& type, const void* event, std::optional<TimePoint> due);
  void cancel_timer(std::string_view name);
  void durable();
  void after_durable(std::function<void()> effect) { effects_.push_back(std::move(effect)); }
  std::string effect_key() const;
  std::string new_id();
  TimePoint now() const { return began_; }
  const kit::Cause& cause() const { return cause_; }
  std::uint32_t attempt() const { return attempt_; }

  // Applies everything, with `settlement` and `keys` in the same commit. Returns the LSN that an answer about this
  // run must wait for; a run that changed nothing and read at most once makes no commit. Afterwards the run is over.
  Result<Lsn> commit(std::optional<model::Settlement> settlement, std::vector<model::KeyChange> keys, bool refusable);
  // Leaves everything, with `settlement`, to the run's chain instead. Afterwards the run is over.
  void join(model::Settlement settlement);
  // The highest LSN that this run has seen.
  Lsn seen() const { return seen_; }
  // What the store answered when it could not be reached, even if the function has caught that: then nothing that the
  // run concluded counts.
  const std::optional<Failure>& outage() const { return outage_; }
  // What it has looked at, until it is over.
  std::span<const kit::RunDocument> documents() const { return documents_; }
  bool publishes_timers() const { return !commit_.timers.empty(); }
  std::vector<std::function<void()>> take_effects() { return std::move(effects_); }

 private:
  using Known = kit::RunDocument;

  void check_open() const;
  // Commits what runs before this one in its chain have left; throws where that fails.
  void commit_chain();
  // Throws for a run that reads in all partitions.
  void check_writes() const;
  bool spans_partitions() const { return !cause_.reach.partition; }
  // Where a document of that id stands for this run.
  model::Partition partition_of(std::string_view id) const;
  bool is_at_home(std::string_view id) const;
  // The value, or what the store refused as an exception.
  template <class T>
  T answer(Result<T> result);
  Known& known(const TypeInfo& type, std::string_view id);
  std::optional<std::string> etag_of(const Known& document) const;
  model::DocumentChange& change(Known& document);
  std::optional<std::string> before(const Known& document) const;
  void note_change(const Known& document, std::optional<std::string> before);
  model::Version next_version(const Known& document) const;
  void saw(Lsn lsn) { seen_ = std::max(seen_, lsn); }

  store::Store& store_;
  kit::Catalog& catalog_;
  const kit::Cause& cause_;
  TimePoint began_;
  std::uint64_t nonce_;
  std::uint32_t attempt_;
  Lsn seen_;
  kit::RunChain* chain_;
  bool over_ = false;
  std::optional<Failure> outage_;
  model::Commit commit_;
  std::vector<Known> documents_;
  std::size_t reads_ = 0;
  std::uint32_t events_ = 0, ids_ = 0;
  bool trusts_new_ids_ = false;
  std::vector<std::string> new_ids_;  // where they are trusted
  bool unchecked_ = false;            // it has taken one for granted
  std::vector<std::function<void()>> effects_;
  kit::RunRecord* record_ = nullptr;
  bool rehearses_ = false, stopped_at_durable_ = false;
};

}  // namespace tidemark::detail
