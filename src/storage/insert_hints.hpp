// InsertHints: most keys of a kind come in their order, each behind the last one, so a write begins to look for its
// place there. RocksDB keeps a hint for each prefix of keys that this class says.
#pragma once
#include <rocksdb/slice_transform.h>

namespace tidemark::storage {

// For one writer at a time, which says before each batch whether hints may be used. RocksDB 7.8 keeps the beginnings of
// erased ranges in a list of their own and uses the same hints for both: so not for a batch with such a range, nor
// while the log is being replayed.
class InsertHints final : public rocksdb::SliceTransform {
 public:
  void use(bool may_use) { may_use_ = may_use; }

  const char* Name() const override { return "tidemark.insert_hints"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override { return {key.data(), PREFIX_BYTES}; }
  bool InDomain(const rocksdb::Slice& key) const override { return may_use_ && key.size() >= PREFIX_BYTES; }

 private:
  static constexpr std::size_t PREFIX_BYTES = 7;  // the kind, the number of what the key belongs to, its partition
  bool may_use_ = false;
};

}  // namespace tidemark::storage
