// Timers: events to be published at a time to come, each under a name that is unique within its partition.
//
// All calls are made under the engine's sequencing lock; the batch given to apply() or take_due() is committed before
// the next call of check() or take_due(). Timers live on disk: memory does not grow with their number.
#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/commit.hpp"
#include "storage/storage.hpp"
#include "tidemark/time.hpp"

namespace tidemark::engine {

struct DueTimer {
  model::Partition partition;
  std::string name;
  std::string topic;
  model::Fields fields;
  TimePoint due;
};

class Timers {
 public:
  explicit Timers(storage::Storage& storage) : storage_{storage} {}
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // Finds the first one. Once, before all other calls.
  Result<void> load();

  // `invalid` for a name that is empty or longer than 512 bytes or has no topic. Topics and sizes are checked by the
  // engine, as for a publication. Of several changes of one timer the last one counts.
  Result<void> check(const model::Commit& commit);
  // Adds the effects of the commit that was checked last: sets, replaces, cancels.
  void apply(const model::Commit& commit, storage::Batch& batch);

  // Any thread: those behind `after`, in their order, at most `limit`.
  Result<std::vector<model::Timer>> list(const std::optional<model::TimerPlace>& after, std::size_t limit) const;

  // The timers that are due at `now`, the earliest first, at most `limit`; their erasure is added to the batch.
  Result<std::vector<DueTimer>> take_due(TimePoint now, std::size_t limit, storage::Batch& batch);

  // When to call take_due() next; none when there are no timers. No timer is due before, but it may be that none is due
  // then either (the first one was cancelled): take_due() finds out and moves it on.
  std::optional<TimePoint> next_due() const noexcept { return next_due_; }

 private:
  // What a commit does to one timer, kept from check() for apply().
  struct Change {
    std::string name_key;
    const model::TimerChange* last = nullptr;
    std::optional<TimePoint> due_before;  // none: there is no such timer yet
  };

  storage::Storage& storage_;
  std::optional<TimePoint> next_due_;
  std::vector<Change> changes_;
  boost::unordered_flat_map<std::string_view, std::size_t> by_name_;  // into changes_
  std::string value_;
};

}  // namespace tidemark::engine
