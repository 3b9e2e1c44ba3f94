// RocksDB's statuses as failures.
#pragma once
#include <rocksdb/status.h>

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidemark::storage {

// `doing` is a phrase ("opening it"); `about` the directory, where it is known.
Failure failure_of(const rocksdb::Status& status, std::string_view doing, const std::string& about = {});

}  // namespace tidemark::storage
