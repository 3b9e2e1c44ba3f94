// Storage: ordered keys, atomic batches and the commit pipeline of DESIGN.md (sequence, sync, release).
//
// A batch becomes visible to every reader of the process at once, and gets an LSN. One thread of the storage syncs
// the log for all batches sequenced meanwhile and then moves the tidemark: the highest LSN that is durable.
//
//   auto storage = Storage::open({.path = "./data"}).or_raise();
//   Batch batch;
//   batch.put("key", "value");
//   Lsn lsn = storage->commit(batch);           // visible now
//   storage->wait_durable(lsn);                 // on disk now (blocks the thread: for tests and tools)
//
// What survives a crash is a prefix of the sequence of commits, whole batches only, that holds every LSN up to the
// tidemark. A failed write or sync of the log ends the process at once: it is never retried.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/distribution.hpp"
#include "base/lsn.hpp"
#include "base/result.hpp"
#include "storage/backup.hpp"

namespace rocksdb {
class Env;
}

namespace tidemark::storage {

// When a commit counts as durable.
struct Durability {
  enum class Mode {
    always,    // after an fsync of the log that covers it
    interval,  // when sequenced; the log is synced every `interval`, so a power loss may take that much
    never,     // when sequenced; the operating system writes when it likes (tests)
    // Of the last two, kill -9 takes nothing: every commit hands its bytes to the operating system.
  };
  Mode mode = Mode::always;
  std::chrono::milliseconds interval{1000};

  // "always", "never" or "interval=<ms>"; an error says which it must be.
  static Result<Durability> parse(std::string_view text);
};

struct Options {
  std::string path;  // a directory; made when missing, with its parents
  Durability durability;
  std::size_t cache_bytes = 64ull << 20;         // of uncompressed blocks
  std::size_t write_buffer_bytes = 32ull << 20;  // memory before a flush to a sorted file; at most three of them live
  // The file system of the directory; null is the machine's. Tests bring a simulated one (simulated_disk.hpp).
  rocksdb::Env* env = nullptr;
  // Changes nothing in the directory, which must be there and at rest; no commits are made.
  bool read_only = false;
};

// Effects to be applied together. Later ones win over earlier ones on the same key. Not thread-safe.
class Batch {
 public:
  Batch();
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  // Erases every key in [first, end), at the same cost for one key and for a million. get() misses them at once; a
  // cursor may come upon them until a compaction has taken them.
  void erase_range(std::string_view first, std::string_view end);
  bool empty() const;
  std::size_t bytes() const;
  void clear();  // empty again, with its memory kept

 private:
  friend class Storage;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Walks the keys in [first, end) of one moment, upwards or downwards. One thread at a time; ends before the storage.
class Cursor {
 public:
  Cursor(Cursor&&) noexcept;
  Cursor& operator=(Cursor&&) noexcept;
  ~Cursor();

  void seek_first();                     // to the lowest key of the range
  void seek_last();                      // to the highest
  void seek(std::string_view key);       // to the lowest key at or above it
  void seek_back(std::string_view key);  // to the highest key at or below it
  void next();
  void previous();
  bool valid() const;              // whether it stands on a key of the range
  std::string_view key() const;    // until it moves
  std::string_view value() const;  // until it moves
  // Not valid() may be the end of the range or a read error: ask before believing it.
  Result<void> status() const;

 private:
  friend class Storage;
  struct Impl;
  explicit Cursor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct Statistics {
  Lsn sequenced, durable;
  // Since the start:
  std::uint64_t commits = 0;
  Distribution sync_seconds;  // how long each sync of the log took
  Distribution sync_commits;  // how many commits each made durable
  std::uint64_t disk_free_bytes = 0, disk_used_bytes = 0;
};

class Storage {
 public:
  // Opens or creates the directory, and starts the sync thread. Errors: `in_use` when another process holds it
  // (names it by its process id), `corrupt`, `io`, `disk_full`; each names the path and what can be done.
  static Result<std::unique_ptr<Storage>> open(const Options& options);
  // Syncs what was sequenced, notes that the stop was clean, and stops the thread.
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  // Applies the batch and returns its LSN, higher than all before it. Visible to every reader when it returns, durable
  // when the tidemark reaches it. Calls from several threads are ordered by the caller (the engine's lock); a failed
  // write of the log ends the process. An empty batch returns sequenced().
  Lsn commit(Batch& batch);

  Lsn sequenced() const noexcept;  // the highest LSN given out; any thread
  // At least the LSN of every commit that a look which has returned may have shown: a commit can be seen a moment
  // before its LSN is given out. Any thread.
  Lsn visible() const noexcept;
  Lsn durable() const noexcept;  // the tidemark; any thread

  // Calls `listener` with the new tidemark after each move from now on, on the sync thread; it must not block. One at a
  // time: a new one takes the place of the one before.
  void on_durable(std::function<void(Lsn)> listener);
  // Blocks this thread until the tidemark reaches `lsn`.
  void wait_durable(Lsn lsn);
  // Hands the log's bytes to the operating system, so that they survive kill -9 but not a power loss. Any thread.
  void flush_to_os();

  // Any thread. `value` keeps its memory from call to call; false means that there is no such key.
  Result<bool> get(std::string_view key, std::string& value) const;
  // May come upon keys of erased ranges (Batch::erase_range), until a compaction has taken them: the caller keeps its
  // bounds away from those, or asks get().
  Cursor cursor(std::string_view first, std::string_view end) const;
  // Without them; for files that are known to be whole. RocksDB 7.8, asked to leave erased ranges out, passes over a
  // sorted file that it can't read without a word (MergingIterator::SkipNextDeleted drops the status).
  Cursor exact_cursor(std::string_view first, std::string_view end) const;

  // Whether the last process that held the directory closed it properly. A new directory was.
  bool was_clean() const noexcept;
  Statistics statistics() const;
  // About so many keys there are: one that was written often may count more than once. Looks into each file.
  std::uint64_t estimated_keys() const;
  // Whether commits can be written: `disk_full` while there is no room for sorted files. What is committed stays safe
  // in the log, and it ends by itself when there is room. A commit made all the same may end the process. Any thread;
  // costs an atomic load.
  Result<void> writable() const;
  // `corrupt`, naming the file, once a read has come upon something damaged. Reads of the rest go on. Any thread; costs
  // an atomic load.
  Result<void> intact() const;
  // Copies everything that is sequenced, and durable by then, to a new backup, while commits go on. Blocks this thread
  // for as long as the copying takes. Errors: `disk_full`, `corrupt` (names the damaged file), `in_use` while another
  // backup is being made there, `io`.
  Result<BackupMade> backup(const BackupWish& wish);
  // Frees the files that hold only keys in [first, end), which the caller has erased. Any thread; may take long.
  void reclaim(std::string_view first, std::string_view end);

 private:
  struct Impl;
  explicit Storage(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::storage
