#include "engine/document_changes.hpp"

#include "engine/document_key.hpp"
#include "engine/index_build.hpp"
#include "engine/index_entries.hpp"
#include "model/rules.hpp"

namespace tidemark::engine {
namespace {

constexpr std::size_t SLOTS_KEPT = 256;          // some 300 bytes each without indexes, and what is stored
constexpr std::size_t STORED_BYTES_KEPT = 4096;  // of each of them
constexpr std::size_t VALUE_BYTES_KEPT = 65536;  // of the buffer that documents are read into

}  // namespace

void DocumentChanges::forget() {
  by_key_.clear();
  claims_.clear();
  stored_.clear();
  for (std::size_t i = 0; i < used_; ++i)
    if (slots_[i].stored.capacity() > STORED_BYTES_KEPT) slots_[i].stored = {};
  used_ = 0;
  if (slots_.size() > SLOTS_KEPT) slots_.resize(SLOTS_KEPT);
  if (value_.capacity() > VALUE_BYTES_KEPT) value_ = {};
}

Result<void> DocumentChanges::begin(const model::Commit& commit) {
  forget();
  partition_ = commit.partition.number;
  for (const auto& change : commit.documents) {
    TIDEMARK_TRY(model::check_change(change));
    auto slot = slot_for(change.collection, change.id);
    if (!slot) return slot.error();
    (*slot)->change = &change;
  }
  for (const auto& expected : commit.expected_documents) {
    auto found = slot_for(expected.collection, expected.id);
    if (!found) return found.error();
    auto& slot = **found;
    if (!slot.loaded) TIDEMARK_TRY(load(slot));
    if (slot.exists == expected.version.has_value() && (!slot.exists || slot.version == *expected.version)) continue;
    return fail(ErrorCode::conflict,
                expected.version ? "was changed or erased since it was read; read it again and repeat"
                                 : "was made since it was found absent; read it and repeat",
                model::document_name(expected.collection, expected.id));
  }
  return {};
}

Result<DocumentChanges::Slot*> DocumentChanges::slot_for(std::string_view collection, std::string_view id) {
  // Most commits stay in one collection.
  const Collection* resolved = used_ > 0 ? slots_[used_ - 1].collection : nullptr;
  if (resolved == nullptr || resolved->name != collection) {
    const auto found = collections_.find(collection);
    if (!found) return found.error();
    resolved = *found;
  }
  if (used_ == slots_.size()) slots_.emplace_back();
  auto& slot = slots_[used_];
  slot.key.clear();
  append_document_prefix(slot.key, resolved->number, partition_);
  slot.key.append(id);
  const auto [known, is_new] = by_key_.try_emplace(std::string_view{slot.key}, &slot);
  if (!is_new) return known->second;

  ++used_;
  slot.collection = resolved;
  slot.id = id;
  slot.change = nullptr;
  slot.loaded = slot.exists = false;
  slot.old_entries.clear();
  slot.new_entries.clear();
  return &slot;
}

Result<void> DocumentChanges::load(Slot& slot) {
  const auto found = recent_.get(slot.key, value_);
  if (!found) return found.error();
  slot.loaded = true;
  slot.exists = *found;
  if (!slot.exists) return {};
  const auto version = stored_version(value_);
  if (!version) {
    return fail(ErrorCode::corrupt, "the stored document has no version; restore the data directory from a copy",
                model::document_name(slot.collection->name, slot.id));
  }
  slot.version = *version;
  if (!slot.is_indexed_change()) return {};
  return compute_index_entries(*slot.collection, partition_, slot.id, stored_json(value_), slot.old_entries);
}

Result<void> DocumentChanges::check_indexes() {
  for (std::size_t i = 0; i < used_; ++i) {
    auto& slot = slots_[i];
    if (!slot.is_indexed_change()) continue;
    if (!slot.loaded) TIDEMARK_TRY(load(slot));
    if (!slot.change->json) continue;
    TIDEMARK_TRY(compute_index_entries(*slot.collection, partition_, slot.id, *slot.change->json, slot.new_entries));
    TIDEMARK_TRY(claim_unique(slot));
  }
  // All claims are known now, so a value that another document of this commit gives up is free, and one that it
  // keeps or takes has clashed already.
  for (const auto& claim : claims_) TIDEMARK_TRY(check_claim(claim.second));
  return {};
}

Result<void> DocumentChanges::claim_unique(const Slot& slot) {
  for (std::size_t i = 0; i < slot.new_entries.size(); ++i) {
    const Claim claim{&slot, i};
    if (!is_unique_entry(claim.definition(), claim.entry())) continue;
    const auto [first, is_new] = claims_.try_emplace(std::string_view{claim.entry()}, claim);
    if (!is_new) {
      return unique_clash(slot.collection->name, claim.definition(), first->second.slot->id, slot.id);
    }
  }
  return {};
}

Result<void> DocumentChanges::check_claim(const Claim& claim) {
  const auto& slot = *claim.slot;
  if (!slot.old_entries.empty() && slot.old_entries[claim.index] == claim.entry()) return {};
  auto& holder = value_;
  const auto taken = storage_.get(claim.entry(), holder);
  if (!taken) return taken.error();
  if (!*taken) return {};
  std::string key;
  append_document_prefix(key, slot.collection->number, partition_);
  const auto of_commit = by_key_.find(key.append(holder));
  if (of_commit != by_key_.end() && of_commit->second->change != nullptr) return {};
  return unique_clash(slot.collection->name, claim.definition(), holder, slot.id);
}

void DocumentChanges::write(storage::Batch& batch) {
  // Every erasure comes first: in a unique index the entry that one document gives up may be another one's new one.
  for (std::size_t i = 0; i < used_; ++i) {
    const auto& slot = slots_[i];
    if (slot.change == nullptr) continue;
    if (!slot.change->json && (slot.exists || !slot.loaded)) batch.erase(slot.key);
    for (std::size_t entry = 0; entry < slot.old_entries.size(); ++entry) {
      const bool stays = !slot.new_entries.empty() && slot.new_entries[entry] == slot.old_entries[entry];
      if (!stays) batch.erase(slot.old_entries[entry]);
    }
  }
  for (std::size_t i = 0; i < used_; ++i) {
    auto& slot = slots_[i];
    if (slot.change == nullptr) continue;
    if (!slot.change->json) {
      stored_.push_back({slot.key, std::nullopt});
      continue;
    }
    slot.stored.clear();
    append_version(slot.stored, slot.change->version);
    slot.stored.append(*slot.change->json);
    stored_.push_back({slot.key, slot.stored});
    batch.put(slot.key, slot.stored);
    for (std::size_t entry = 0; entry < slot.new_entries.size(); ++entry) {
      const bool stays = !slot.old_entries.empty() && slot.old_entries[entry] == slot.new_entries[entry];
      if (stays) continue;
      const bool unique = is_unique_entry(slot.collection->indexes[entry], slot.new_entries[entry]);
      batch.put(slot.new_entries[entry], unique ? slot.id : std::string_view{});
    }
  }
  recent_.announce(stored_);
}

}  // namespace tidemark::engine
