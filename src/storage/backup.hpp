// Backups: copies of a data directory, each a folder of its own in the folder for backups, named after the moment at
// which it was made. docs/formats/backup.md says what is in one.
//
// A backup is a copy, not a link to the directory's files: what damages one leaves the other. What did not change since
// the backup before is shared with that one, whose copy is not read again: verify_backup() says
// whether it is still good.
#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/lsn.hpp"
#include "base/result.hpp"
#include "storage/backup_manifest.hpp"
#include "storage/progress.hpp"
#include "tidemark/time.hpp"

namespace rocksdb {
class DB;
}

namespace tidemark::storage {

struct BackupWish {
  std::string folder;         // made when missing
  TimePoint now;              // names the backup
  std::uint32_t keep = 0;     // so many of the newest backups stay, this one included; 0: all
  std::stop_token stop = {};  // ends the copying early: `cancelled`, and no backup
  OnProgress progress = {};   // in bytes of all files, those shared with the backup before included
};

struct BackupMade {
  std::string path;
  Lsn lsn;  // as in its manifest
  std::string made;
  std::uint64_t bytes = 0;           // of all its files
  std::uint64_t copied_bytes = 0;    // of those that it does not share with the backup before
  std::vector<std::string> removed;  // names of backups that had to go
};

struct BackupFound {
  std::string path;
  Result<BackupManifest> manifest;
};

// The backups in a folder, the oldest first.
Result<std::vector<BackupFound>> list_backups(const std::string& folder);

// Compares all files of a backup with its manifest, and makes sure that a data directory can be had from it. `corrupt`
// names the first file that is wrong. Reads everything.
Result<BackupManifest> verify_backup(const std::string& path, const OnProgress& progress = {});

struct RestoreWish {
  std::string from;      // a backup
  std::string data;      // the data directory to be
  bool replace = false;  // what is there is put aside first, as <data>.before-restore-<time>
  TimePoint now;
  OnProgress progress = {};  // in bytes that are read: each file of the backup is read twice
};
struct Restored {
  BackupManifest manifest;
  std::string put_aside;  // where the data directory from before is; empty when there was none
};

// Verifies the backup, copies it beside `data`, and gives it that name. All or nothing: until the last step `data` is
// as it was. `in_use` when a process has it, `already_exists` when something is there that is not to be replaced.
Result<Restored> restore_backup(const RestoreWish& wish);

// Storage::backup() is this. `lsn`: all commits up to here are in the files of `db`.
Result<BackupMade> write_backup(rocksdb::DB& db, Lsn lsn, const BackupWish& wish);

}  // namespace tidemark::storage
