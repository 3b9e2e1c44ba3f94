// OutboxBacklogs: what waits in outboxes whose topics take nothing, because their node is gone for example. Past a
// limit, whoever may be refused publishes nothing more to such a topic.
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidemark::store {

// Any thread.
class OutboxBacklogs {
 public:
  // The outbox could not be poured, and that many entries wait there.
  void note_stuck(const std::string& outbox, std::uint64_t waiting);
  // Its topic has everything.
  void note_poured(std::string_view outbox);

  // `overloaded` when too many wait there.
  Result<void> check(std::string_view outbox, std::string_view topic) const;
  // In all that are stuck.
  std::uint64_t waiting() const;

 private:
  std::atomic<std::size_t> stuck_ = 0;  // of waiting_, for those who need not look
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> waiting_;  // by outbox
};

// From here on an outbox is no longer filled by what may be refused.
inline constexpr std::uint64_t OUTBOX_WAITING_MAX = 100'000;

}  // namespace tidemark::store
