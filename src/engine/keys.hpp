// Keys: values with a time to live, for idempotency records and the like. An expired key is absent at once, by the
// clock; expire() frees its space later.
//
// check(), apply() and expire() are called under the engine's sequencing lock, their batch being committed before the
// next of these calls. find() takes no lock.
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

class Keys {
 public:
  explicit Keys(storage::Storage& storage) : storage_{storage} {}
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  // Finds the first one to expire. Once, before all other calls.
  Result<void> load();

  // Any thread. A key is absent from its expiry on.
  Result<std::optional<std::string>> find(const model::Partition& partition, std::string_view key, TimePoint now) const;

  // `invalid` for a key that is empty or longer than 1024 bytes; `already_exists` for one that must be absent and is
  // not, at `now` or through an earlier change of the same commit. The last change of a key counts.
  Result<void> check(const model::Commit& commit, TimePoint now);
  // Adds the effects of the commit that was checked last.
  void apply(const model::Commit& commit, storage::Batch& batch);

  // Erases keys that have expired at `now`, at most `limit`; returns how many.
  Result<std::size_t> expire(TimePoint now, std::size_t limit, storage::Batch& batch);

  // When to call expire() next; none when no key lives. No key expires before.
  std::optional<TimePoint> next_expiry() const noexcept { return next_expiry_; }

 private:
  // What a commit does to one key, kept from check() for apply().
  struct Change {
    std::string key;  // as stored
    const model::KeyChange* last = nullptr;
    std::optional<TimePoint> expires_before;  // none: it is not stored
  };

  Result<void> read_before(Change& change);

  storage::Storage& storage_;
  std::optional<TimePoint> next_expiry_;
  std::vector<Change> changes_;
  boost::unordered_flat_map<std::string_view, std::size_t> by_key_;  // into changes_
  std::string value_;
};

}  // namespace tidemark::engine
