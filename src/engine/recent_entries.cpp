#include "engine/recent_entries.hpp"

#include <algorithm>

namespace tidemark::engine {

void RecentEntries::append(const Stream& stream, const model::Fields& fields) {
  const auto ordinal = stream.entries_added();
  if (last_ + 1 != ordinal || generation_ != stream.generation()) first_ = ordinal;
  last_ = ordinal;
  generation_ = stream.generation();
  if (fields.bytes().size() > FIELD_BYTES_MAX) {
    first_ = ordinal + 1;
    return;
  }
  if (slots_.size() <= ordinal % SLOTS) slots_.resize(std::min(SLOTS, 2 * (ordinal % SLOTS) + 8));
  auto& slot = slots_[ordinal % SLOTS];
  slot.id = stream.last_id();
  slot.fields = fields;
  first_ = std::max(first_, ordinal >= SLOTS ? ordinal - SLOTS + 1 : 1);
}

}  // namespace tidemark::engine
