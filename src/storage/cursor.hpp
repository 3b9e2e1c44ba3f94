// The insides of a Cursor, for the storage.
#pragma once
#include <rocksdb/iterator.h>

#include <memory>
#include <string>

#include "storage/damage.hpp"
#include "storage/storage.hpp"

namespace tidemark::storage {

struct Cursor::Impl {
  // RocksDB keeps pointers to the bounds as long as the iterator lives: they neither move nor change.
  std::string first, end;
  rocksdb::Slice lower_bound, upper_bound;
  std::unique_ptr<rocksdb::Iterator> iterator;
  std::string path;  // of the data directory
  std::shared_ptr<Damage> damage;
};

}  // namespace tidemark::storage
