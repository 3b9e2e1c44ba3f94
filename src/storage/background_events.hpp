// What RocksDB's own threads tell: that they can't go on, and that they have written to the MANIFEST.
#pragma once
#include <rocksdb/listener.h>

#include <atomic>
#include <mutex>
#include <string>

#include "storage/state_file.hpp"

namespace tidemark::storage {

// A full disk stops flushes; the log still holds what they would have written, and RocksDB goes on by itself when there
// is room. Anything else that stops writes ends the process, and so does a log that can't be written. Any thread.
class BackgroundEvents final : public rocksdb::EventListener {
 public:
  explicit BackgroundEvents(std::string path) : path_{std::move(path)} {}
  bool disk_full() const noexcept { return disk_full_; }
  // How far the MANIFEST had been written when note_manifest() was last called.
  ManifestMark manifest() const;
  void note_manifest(rocksdb::DB& db);

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& info) override;
  void OnFlushCompleted(rocksdb::DB* db, const rocksdb::FlushJobInfo&) override { note_manifest(*db); }
  void OnCompactionCompleted(rocksdb::DB* db, const rocksdb::CompactionJobInfo&) override { note_manifest(*db); }

 private:
  const std::string path_;
  std::atomic<bool> disk_full_{false};
  mutable std::mutex mutex_;  // guards the mark
  ManifestMark manifest_;
};

}  // namespace tidemark::storage
