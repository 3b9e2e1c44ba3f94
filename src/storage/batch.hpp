// The insides of a Batch, for the storage.
#pragma once
#include <rocksdb/write_batch.h>

#include "storage/storage.hpp"

namespace tidemark::storage {

struct Batch::Impl {
  rocksdb::WriteBatch writes;
};

}  // namespace tidemark::storage
