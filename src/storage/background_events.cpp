#include "storage/background_events.hpp"

#include <rocksdb/db.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "storage/rocksdb_status.hpp"

namespace tidemark::storage {

void BackgroundEvents::OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) {
  if (error->severity() < rocksdb::Status::Severity::kHardError) return;
  // A write or a sync of the log. Its caller ends the process, too, but by then RocksDB may have begun to recover from
  // a full disk, with a log behind the one whose end nobody knows.
  if (reason == rocksdb::BackgroundErrorReason::kWriteCallback)
    fatal("the log in '" + path_ + "' can't be written: " + error->ToString() +
          "; nothing acknowledged is lost, free space or check the disk, and start again");
  if (error->IsCorruption()) {
    fatal(failure_of(*error, "compacting the data directory", path_).text());
  }
  if (!error->IsNoSpace()) fatal("the data directory '" + path_ + "' can't be written: " + error->ToString());
  disk_full_ = true;
}

void BackgroundEvents::OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& info) {
  if (info.new_bg_error.ok()) disk_full_ = false;
}

ManifestMark BackgroundEvents::manifest() const {
  const std::lock_guard lock{mutex_};
  return manifest_;
}

void BackgroundEvents::note_manifest(rocksdb::DB& db) {
  constexpr std::string_view PREFIX = "/MANIFEST-";
  std::vector<std::string> names;
  ManifestMark mark;
  if (!db.GetLiveFiles(names, &mark.bytes, false).ok()) return;
  for (const auto& name : names) {
    if (name.starts_with(PREFIX)) std::from_chars(name.data() + PREFIX.size(), name.data() + name.size(), mark.number);
  }
  const std::lock_guard lock{mutex_};
  const bool newer =
      mark.number > manifest_.number || (mark.number == manifest_.number && mark.bytes > manifest_.bytes);
  if (newer) manifest_ = mark;
}

}  // namespace tidemark::storage
