#include "engine/recent_entries.hpp"

#include <algorithm>

namespace tidemark::engine {

void RecentEntries::append(const Stream& stream, const model::Fields& fields) {
  const auto ordinal = stream.entries_added();
  if (last_ + 1 != ordinal || generation_ != stream.generation()) first_ = ordinal;
  last_ = ordinal;
  generation_ = stream.generation();
  if (fields.bytes().size() > FIELD_BYTES_MAX || !has_slot(ordinal)) {
    first_ = ordinal + 1;
    return;
  }
  auto& slot = slots_[ordinal % SLOTS];
  slot.id = stream.last_id();
  slot.fields = fields;
  first_ = std::max(first_, ordinal >= SLOTS ? ordinal - SLOTS + 1 : 1);
}

bool RecentEntries::has_slot(std::uint64_t ordinal) {
  const auto slot = static_cast<std::size_t>(ordinal % SLOTS);
  if (slot < slots_.size()) return true;
  const auto more = std::min(std::min(SLOTS, 2 * slot + 8) - slots_.size(), room_->entries);
  if (slots_.size() + more <= slot) return false;
  slots_.resize(slots_.size() + more);
  room_->entries -= more;
  return true;
}

void RecentEntries::clear() {
  room_->entries += slots_.size();
  slots_ = {};
  first_ = last_ + 1;
}

}  // namespace tidemark::engine
