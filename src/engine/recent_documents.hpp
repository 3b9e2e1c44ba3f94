// RecentDocuments: documents as they are stored, by their keys, with the last ones read or written kept in memory. What
// handlers do to a document within a second or so comes with few looks at the storage.
//
// Looks may come from any thread at any time. Changes are announced before they are written and told when they are:
// meanwhile the storage is asked, which shows commits whole; so a document that is seen here is never older than
// another one of the same commit that was seen before.
#pragma once
#include <boost/container_hash/hash.hpp>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/spinning_mutex.hpp"
#include "storage/storage.hpp"

namespace tidemark::engine {

class RecentDocuments {
 public:
  // What is stored of a document; nothing where it is absent.
  struct Stored {
    std::string_view key;
    std::optional<std::string_view> value;
  };

  explicit RecentDocuments(const storage::Storage& storage) : storage_{storage}, slots_(SLOTS) {}
  RecentDocuments(const RecentDocuments&) = delete;
  RecentDocuments& operator=(const RecentDocuments&) = delete;

  // True and `value` when there is one. Any thread; errors as storage::Storage::get.
  Result<bool> get(std::string_view key, std::string& value) const;

  // Before a batch with these changes is committed, and when it is. The same ones, under the lock that orders commits.
  void announce(std::span<const Stored> changes);
  void take_over(std::span<const Stored> changes);

 private:
  static constexpr std::size_t SLOTS = 8192;
  // Of a key with its value: at most 16 MiB of them in all. Strings grow by doubling, so that they may take 32 MiB.
  static constexpr std::size_t BYTES_MAX = 2048;

  // One document of those whose keys fall here: the last one.
  struct Slot {
    std::string key;  // empty: none
    std::string value;
    bool exists = false;
  };

  Slot& slot_of(std::string_view key) const { return slots_[boost::hash<std::string_view>{}(key) % SLOTS]; }
  void keep(const Stored& stored) const;

  const storage::Storage& storage_;
  mutable SpinningMutex mutex_;  // guards all below; held for a copy, never over a look at the storage
  mutable std::vector<Slot> slots_;
  std::uint64_t announcements_ = 0;
  bool changing_ = false;  // announced, not yet taken over
};

}  // namespace tidemark::engine
