// How RocksDB is set up: little memory, few threads, checks on, and a log that recovers to a prefix.
#pragma once
#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <memory>

#include "storage/storage.hpp"

namespace tidemark::storage {

// `listener` may be null.
rocksdb::Options rocksdb_options(const Options& options, std::shared_ptr<rocksdb::EventListener> listener);

}  // namespace tidemark::storage
