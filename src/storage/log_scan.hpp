// Reads files in RocksDB's log format (its logs of commits and its MANIFEST) without RocksDB, to learn what a recovery
// will find, and whether something that was whole once is missing, before anything is changed.
//
// The format: blocks of 32 KiB; in each, fragments of a masked CRC-32C (4 bytes), a length (2) and a type (1), and so
// many bytes. A record is one full fragment, or a first, middle ones and a last. Fewer than 7 bytes at the end of a
// block are zeros.
#pragma once
#include <rocksdb/env.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidemark::storage {

// Where a file stops being what was written, and why.
struct LogDamage {
  std::uint64_t offset = 0;
  std::string what;
};

struct LogScan {
  std::uint64_t whole_bytes = 0;     // up to the end of the last whole record before any damage
  std::optional<LogDamage> damage;   // the first one; also a record that is cut short by the end of the file
  std::uint64_t records_behind = 0;  // whole records that lie behind the damage
};

// `record` hears of each whole record, in order, also of those behind a damage.
using OnRecord = std::function<void(std::string_view record, bool behind_damage)>;

// Reads at most `size_max` bytes. `io` when it can't be read.
Result<LogScan> scan_log(rocksdb::Env& env, const std::string& path, const OnRecord& record,
                         std::uint64_t size_max = UINT64_MAX);

}  // namespace tidemark::storage
