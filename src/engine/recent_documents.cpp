#include "engine/recent_documents.hpp"

namespace tidemark::engine {

Result<bool> RecentDocuments::get(std::string_view key, std::string& value) const {
  std::unique_lock lock{mutex_};
  if (const auto& slot = slot_of(key); slot.key == key) {
    if (slot.exists) value = slot.value;
    return slot.exists;
  }
  const bool may_keep = !changing_;
  const auto announcements = announcements_;
  lock.unlock();
  const auto found = storage_.get(key, value);
  if (!found || !may_keep) return found;
  lock.lock();
  // What was read may be what a commit has replaced meanwhile.
  if (announcements_ == announcements) keep({key, *found ? std::optional<std::string_view>{value} : std::nullopt});
  return found;
}

void RecentDocuments::announce(std::span<const Stored> changes) {
  if (changes.empty()) return;
  const std::lock_guard lock{mutex_};
  changing_ = true;
  ++announcements_;
  for (const auto& change : changes)
    if (auto& slot = slot_of(change.key); slot.key == change.key) slot.key.clear();
}

void RecentDocuments::take_over(std::span<const Stored> changes) {
  if (changes.empty()) return;
  const std::lock_guard lock{mutex_};
  changing_ = false;
  for (const auto& change : changes) keep(change);
}

void RecentDocuments::keep(const Stored& stored) const {
  if (stored.key.size() + (stored.value ? stored.value->size() : 0) > BYTES_MAX) return;
  auto& slot = slot_of(stored.key);
  slot.key = stored.key;
  slot.exists = stored.value.has_value();
  slot.value = stored.value.value_or("");
}

}  // namespace tidemark::engine
