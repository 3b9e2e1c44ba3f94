// What RocksDB's MANIFEST says about a directory: which sorted files belong to it, and where its logs begin to count.
#pragma once
#include <rocksdb/env.h>

#include <cstdint>
#include <map>
#include <string>

#include "base/result.hpp"
#include "storage/log_scan.hpp"

namespace tidemark::storage {

struct Manifest {
  std::uint64_t number = 0;                      // MANIFEST-<number> is the one that CURRENT names
  LogScan scan;                                  // of that file
  std::uint64_t first_log = 0;                   // logs below this number are in sorted files already
  std::uint64_t flushed = 0;                     // so are all LSNs up to this one
  std::map<std::uint64_t, std::uint64_t> files;  // sorted files: number and size

  // Of the edits before any damage. `corrupt` names CURRENT or the MANIFEST, when there is none that can be read.
  static Result<Manifest> read(rocksdb::Env& env, const std::string& directory);
  static std::string name_of(std::uint64_t number);              // "MANIFEST-000005"
  static std::string name_of_sorted_file(std::uint64_t number);  // "000009.sst"
};

}  // namespace tidemark::storage
