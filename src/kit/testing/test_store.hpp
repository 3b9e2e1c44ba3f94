// TestStore: a real store with trouble on demand: a tidemark that stands still, commits that come too late or whose
// answers are lost, outages.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "fiber/completion.hpp"
#include "store/delegating_store.hpp"

namespace tidemark::kit {

using store::DelegatingStore;

// What goes wrong at a TestStore. Outlives it, so that a test can hold it over restarts. Any thread.
class Trouble {
 public:
  // Nothing becomes durable any more, until release().
  void hold_tidemark() {
    const std::scoped_lock lock{mutex_};
    held_ = true;
  }
  void release_tidemark() {
    std::vector<Waiting> waiting;
    {
      const std::scoped_lock lock{mutex_};
      held_ = false;
      waiting.swap(waiting_);
    }
    for (const auto& waiter : waiting) waiter.released.set();
  }
  // Whether somebody waits for the tidemark to reach this LSN, or a higher one.
  bool waited_for(Lsn lsn) const {
    const std::scoped_lock lock{mutex_};
    for (const auto& waiting : waiting_)
      if (waiting.lsn >= lsn) return true;
    return false;
  }
  std::size_t waiting() const {
    const std::scoped_lock lock{mutex_};
    return waiting_.size();
  }

  std::atomic<bool> distributed{false};   // whether it says that it is a cluster; set before it is made
  std::atomic<int> conflicts{0};          // so many of the next commits that change documents are refused
  std::atomic<int> outages{0};            // so many of the next looks at a document fail
  std::atomic<int> commit_outages{0};     // so many of the next commits of handlers fail
  std::atomic<int> lost_answers{0};       // so many of the next commits of handlers apply, and nobody hears of it
  std::atomic<bool> eager_upkeep{false};  // whether somebody looks after the store whenever something is declared
  std::atomic<Lsn> last_commit{};         // of a commit that went through

 private:
  friend class TestStore;
  struct Waiting {
    Lsn lsn;
    fiber::Completion<void> released;
  };

  void wait(Lsn lsn) {
    const fiber::Completion<void> released;
    {
      const std::scoped_lock lock{mutex_};
      if (!held_) return;
      waiting_.push_back({lsn, released});
    }
    released.wait();
  }
  static bool take(std::atomic<int>& count) {
    int left = count;
    while (left > 0)
      if (count.compare_exchange_weak(left, left - 1)) return true;
    return false;
  }

  mutable std::mutex mutex_;
  bool held_ = false;
  std::vector<Waiting> waiting_;
};

class TestStore final : public DelegatingStore {
 public:
  TestStore(std::unique_ptr<store::Store> inner, Trouble& trouble)
      : DelegatingStore{std::move(inner)}, trouble_{trouble} {}

  bool is_distributed() const noexcept override { return trouble_.distributed; }
  Result<void> declare_topic(const model::TopicDefinition& topic) override {
    TIDEMARK_TRY(DelegatingStore::declare_topic(topic));
    return look_after();
  }
  Result<void> declare_group(std::string_view topic, std::string_view group, StreamId start) override {
    TIDEMARK_TRY(DelegatingStore::declare_group(topic, group, start));
    return look_after();
  }
  Result<void> wait_durable(Lsn lsn) override {
    trouble_.wait(lsn);
    return DelegatingStore::wait_durable(lsn);
  }
  Result<model::Committed> commit(const model::Commit& commit) override {
    if (!commit.documents.empty() && Trouble::take(trouble_.conflicts))
      return fail(ErrorCode::conflict, "somebody was faster");
    const bool settles = !commit.settlements.empty();
    if (settles && Trouble::take(trouble_.commit_outages))
      return fail(ErrorCode::unavailable, "the store can't be reached");
    auto committed = DelegatingStore::commit(commit);
    if (committed) trouble_.last_commit = committed->lsn;
    if (committed && settles && Trouble::take(trouble_.lost_answers))
      return fail(ErrorCode::unavailable, "the store's answer was lost");
    return committed;
  }
  Result<model::Read<std::optional<model::Document>>> find(const model::Partition& partition,
                                                           std::string_view collection, std::string_view id) override {
    if (Trouble::take(trouble_.outages)) return fail(ErrorCode::unavailable, "the store can't be reached");
    return DelegatingStore::find(partition, collection, id);
  }

 private:
  // As another process of the service may at any moment.
  Result<void> look_after() {
    if (trouble_.eager_upkeep) TIDEMARK_TRY(DelegatingStore::maintain());
    return {};
  }

  Trouble& trouble_;
};

}  // namespace tidemark::kit
