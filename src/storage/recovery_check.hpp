// Looks at a directory before RocksDB recovers it, and changes nothing. RocksDB takes the end of its log, or of its
// MANIFEST, to be where it becomes unreadable, goes on from there, and deletes what it then no longer needs. That is
// right for what a crash has torn, and would silently lose what a disk has damaged. Here the two are told apart.
//
// What says that something was durable once: the state file's tidemark and its mark of the MANIFEST; a record of the
// log behind the damage, which says how far the log had been synced when it was written; a later log, since each is
// synced before the next one begins; later edits of the MANIFEST, more than one sync has.
#pragma once
#include <rocksdb/env.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/lsn.hpp"
#include "base/result.hpp"
#include "storage/manifest.hpp"
#include "storage/state_file.hpp"

namespace tidemark::storage {

// What is known to have been durable.
struct Promised {
  Lsn tidemark;
  ManifestMark manifest;
};

struct RecoverableLogs {
  Lsn recovered;                   // what a recovery gives
  bool is_new = false;             // there is nothing yet
  std::vector<std::string> files;  // names of the logs that count, in their order
  std::string torn;                // the file whose torn end is left out; empty: none
  LogDamage tear;                  // of that file
  // The MANIFEST with an end that is left out, which RocksDB would refuse; name and whole bytes. Empty: it has none.
  std::string torn_manifest;
  std::uint64_t manifest_bytes = 0;
};

// `corrupt`, naming the file, when something that was durable would be missing; says what to do.
Result<RecoverableLogs> check_recovery(rocksdb::Env& env, const std::string& directory, const Promised& promised);

// Leaves the torn end of the MANIFEST out, in one step, if it has one. For a directory that is to be opened.
Result<void> cut_torn_manifest(rocksdb::Env& env, const std::string& directory, const RecoverableLogs& logs);

// What each commit's record in the log carries beside its effects, unseen by readers: the LSN that was synced by then.
std::string log_mark(Lsn synced);

// "; nothing was changed: see with `tidemark check …` …": what can be done about a damaged directory.
std::string remedy_for(const std::string& directory);

}  // namespace tidemark::storage
