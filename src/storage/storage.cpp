#include "storage/storage.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/table_properties.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "storage/background_events.hpp"
#include "storage/backup_manifest.hpp"
#include "storage/batch.hpp"
#include "storage/cursor.hpp"
#include "storage/damage.hpp"
#include "storage/directory_lock.hpp"
#include "storage/insert_hints.hpp"
#include "storage/posix_file.hpp"
#include "storage/recovery_check.hpp"
#include "storage/rocksdb_options.hpp"
#include "storage/rocksdb_status.hpp"
#include "storage/state_file.hpp"
#include "storage/strict_directories.hpp"
#include "storage/sync_thread.hpp"

namespace tidemark::storage {
namespace {

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

std::uint64_t bytes_of_files(const std::string& directory) {
  std::uint64_t total = 0;
  std::error_code error;  // a file may vanish between listing and asking
  for (std::filesystem::directory_iterator file{directory, error}, end; !error && file != end; file.increment(error)) {
    std::error_code gone;
    if (const auto size = file->file_size(gone); !gone) total += size;
  }
  return total;
}

// Unknown counts as plenty: a write tells.
std::uint64_t bytes_free_at(const std::string& directory) {
  struct statvfs disk {};
  if (::statvfs(directory.c_str(), &disk) != 0) return UINT64_MAX;
  return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

// A backup shares files with its neighbours, and stays as it was.
Result<void> check_that_it_is_no_backup(const std::string& path) {
  if (!std::filesystem::exists(path + "/" + BACKUP_MANIFEST)) return {};
  return fail(
      ErrorCode::invalid,
      "this is a backup: `tidemark restore --from " + path + " --data <directory>` makes a data directory of it", path);
}

Result<void> check_that_it_is_there(const std::string& path) {
  if (std::filesystem::is_directory(path)) return {};
  return fail(ErrorCode::not_found, "there is no such directory", path);
}

Result<void> make_data_directory(const Options& options) {
  if (options.env != nullptr) {
    const auto status = options.env->CreateDirIfMissing(options.path);
    return status.ok() ? Result<void>{} : failure_of(status, "making the directory", options.path);
  }
  auto made = make_directory(options.path);
  return made ? Result<void>{} : made.error();
}

// Files that are not the machine's are not another process's either: there RocksDB's own lock suffices.
Result<DirectoryLock> lock_directory(const Options& options) {
  if (options.env != nullptr) return DirectoryLock{};
  return options.read_only ? DirectoryLock::take_to_read(options.path) : DirectoryLock::take(options.path);
}

Result<void> sync_names(rocksdb::Env& env, const std::string& directory) {
  std::unique_ptr<rocksdb::Directory> opened;
  auto status = env.NewDirectory(directory, &opened);
  if (status.ok()) status = opened->Fsync();
  return status.ok() ? Result<void>{} : failure_of(status, "syncing the directory", directory);
}

}  // namespace

struct Storage::Impl {
  Impl(const Options& options, DirectoryLock taken, StateFile found, bool clean)
      : path{options.path},
        lock{std::move(taken)},
        state{std::move(found)},
        was_clean{clean},
        read_only{options.read_only},
        write_buffer_bytes{options.write_buffer_bytes},
        events{std::make_shared<BackgroundEvents>(options.path)} {}

  Result<void> open_database(const Options& options, Lsn recoverable);
  Cursor make_cursor(std::string_view first, std::string_view end, bool exact) const;
  void switch_log_when_full(const rocksdb::WriteBatch& next);
  bool has_room() const { return bytes_free_at(path) >= 3 * write_buffer_bytes; }
  void sync_log();
  void sync_log_up_to(Lsn up_to);
  void close();

  // In the order in which they are made; the lock is released last.
  const std::string path;
  DirectoryLock lock;
  StateFile state;
  const bool was_clean, read_only;
  const std::size_t write_buffer_bytes;
  std::shared_ptr<BackgroundEvents> events;
  const std::shared_ptr<InsertHints> hints = std::make_shared<InsertHints>();
  std::shared_ptr<Damage> damage = std::make_shared<Damage>();
  std::shared_ptr<StrictDirectories> directories;
  std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<rocksdb::DB> db;
  std::mutex log_sync;  // held while the log is synced, and for ever when that fails
  mutable std::atomic<bool> low_on_room{false};
  std::size_t buffered_bytes = 0;         // since the log was switched; guarded by the lock that orders commits
  std::atomic<std::uint64_t> visible{0};  // the LSN up to which commits may have been seen
  std::atomic<std::uint64_t> synced{0};   // the LSN up to which the log was synced
  std::unique_ptr<SyncThread> sync_thread;
};

Result<std::unique_ptr<Storage>> Storage::open(const Options& options) {
  if (options.path.empty()) return fail(ErrorCode::invalid, "the storage needs the path of a directory");
  TIDEMARK_TRY(check_that_it_is_no_backup(options.path));
  if (options.read_only)
    TIDEMARK_TRY(check_that_it_is_there(options.path));
  else
    TIDEMARK_TRY(make_data_directory(options));
  auto lock = lock_directory(options);
  if (!lock) return lock.error();
  auto& env = options.env ? *options.env : *rocksdb::Env::Default();
  auto state = options.read_only ? StateFile::read(options.path, env) : StateFile::open(options.path, env);
  if (!state) return state.error();
  const auto logs = check_recovery(env, options.path, {state->tidemark(), state->manifest()});
  if (!logs) return logs.error();
  if (!options.read_only) {
    TIDEMARK_TRY(cut_torn_manifest(env, options.path, *logs));
  } else if (!logs->torn_manifest.empty()) {
    return fail(ErrorCode::corrupt,
                "its end is torn, as a power loss may leave it: start a service on the directory, which mends it",
                options.path + "/" + logs->torn_manifest);
  }
  const bool was_clean = logs->is_new || state->was_clean();

  auto impl = std::make_unique<Impl>(options, std::move(*lock), std::move(*state), was_clean);
  TIDEMARK_TRY(impl->open_database(options, logs->recovered));
  return std::unique_ptr<Storage>{new Storage{std::move(impl)}};
}

Result<void> Storage::Impl::open_database(const Options& options, Lsn recoverable) {
  rocksdb::DB* opened = nullptr;
  auto set_up = rocksdb_options(options, events);
  set_up.memtable_insert_with_hint_prefix_extractor = hints;
  directories = std::make_shared<StrictDirectories>(set_up.env->GetFileSystem());
  env = rocksdb::NewCompositeEnv(directories);
  set_up.env = env.get();
  const auto status =
      read_only ? rocksdb::DB::OpenForReadOnly(set_up, path, &opened) : rocksdb::DB::Open(set_up, path, &opened);
  if (!status.ok()) return failure_of(status, "opening the data directory", path);
  db.reset(opened);
  const Lsn recovered{db->GetLatestSequenceNumber()};
  if (recovered < recoverable) {
    return fail(ErrorCode::corrupt,
                detail::concatenate("commits up to LSN ", recoverable, " stand in the log, but only those up to ",
                                    recovered, " were read back", remedy_for(path)),
                path);
  }
  if (!read_only) {
    events->note_manifest(*db);
    TIDEMARK_TRY(state.mark_running(recovered, events->manifest()));
    TIDEMARK_TRY(sync_names(*db->GetEnv(), path));
  }
  directories->arm();
  synced = recovered.value;
  sync_thread =
      std::make_unique<SyncThread>(options.durability, recovered, [this](Lsn up_to) { sync_log_up_to(up_to); });
  return {};
}

// Of two logs that are not synced, a power loss may keep the second and take the end of the first: no prefix. So a log
// is synced before the next one begins. Commits wait for that, once for each write buffer.
void Storage::Impl::switch_log_when_full(const rocksdb::WriteBatch& next) {
  constexpr std::size_t NODE_BYTES = 48;  // at most, that a key costs in memory beside its bytes in the batch
  const std::size_t bytes = next.GetDataSize() + NODE_BYTES * next.Count();
  if (buffered_bytes > 0 && buffered_bytes + bytes > write_buffer_bytes) {
    sync_log();
    // The buffers that wait to be written need room: what comes in is refused before RocksDB finds none.
    if (!has_room()) low_on_room = true;
    rocksdb::FlushOptions switch_only;
    switch_only.wait = false;
    switch_only.allow_write_stall = true;
    db->Flush(switch_only).PermitUncheckedError();  // what keeps it from flushing stops the next write, too
    buffered_bytes = 0;
  }
  buffered_bytes += bytes;
}

// Covers every batch whose write has returned: there is one log at a time that is not synced. Under a lock, so that
// after a sync that failed nobody tries another one, which might go well, and says what it should not.
void Storage::Impl::sync_log() {
  const std::lock_guard one_at_a_time{log_sync};
  const auto status = db->FlushWAL(true);
  if (status.ok()) return;
  fatal("the log in '" + path + "' can't be synced: " + status.ToString() +
        "; nothing acknowledged is lost, check the disk and start again");
}

void Storage::Impl::sync_log_up_to(Lsn up_to) {
  sync_log();
  synced = up_to.value;
  if (auto noted = state.note_tidemark(up_to, events->manifest()); !noted) fatal(noted.error().text());
}

void Storage::Impl::close() {
  if (!sync_thread) return;  // the database did not open
  sync_thread->stop();
  if (read_only) return;
  const Lsn last = sync_thread->sequenced();
  events->note_manifest(*db);
  if (const auto status = db->Close(); !status.ok()) return;  // so the stop counts as unclean
  db.reset();
  // Without the mark the next start takes this stop for an unclean one, which is safe.
  static_cast<void>(state.mark_clean(last, events->manifest()).has_value());
}

Storage::Storage(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

Storage::~Storage() { impl_->close(); }

Lsn Storage::commit(Batch& batch) {
  if (batch.empty()) return sequenced();
  TIDEMARK_ASSERT(!impl_->read_only, "a commit to a directory that is open for reading only");
  impl_->switch_log_when_full(batch.impl_->writes);
  impl_->visible = sequenced().value + batch.impl_->writes.Count();
  batch.impl_->writes.PutLogData(log_mark(Lsn{impl_->synced}));
  impl_->hints->use(!batch.impl_->writes.HasDeleteRange());
  const auto status = impl_->db->Write(rocksdb::WriteOptions{}, &batch.impl_->writes);
  if (!status.ok()) {
    fatal("a commit can't be written to '" + impl_->path + "': " + status.ToString() +
          "; nothing acknowledged is lost, free space or check the disk, and start again");
  }
  const Lsn lsn{impl_->db->GetLatestSequenceNumber()};
  impl_->sync_thread->note_sequenced(lsn);
  return lsn;
}

Lsn Storage::visible() const noexcept { return std::max(Lsn{impl_->visible}, sequenced()); }
Lsn Storage::sequenced() const noexcept { return impl_->sync_thread->sequenced(); }
Lsn Storage::durable() const noexcept { return impl_->sync_thread->durable(); }
void Storage::on_durable(std::function<void(Lsn)> listener) { impl_->sync_thread->on_durable(std::move(listener)); }
void Storage::wait_durable(Lsn lsn) {
  TIDEMARK_ASSERT(lsn <= visible(), "waiting for LSN ", lsn, ", but the last one is ", visible());
  impl_->sync_thread->wait_durable(lsn);
}

void Storage::flush_to_os() {
  if (const auto status = impl_->db->FlushWAL(false); !status.ok()) {
    fatal("the log in '" + impl_->path + "' can't be written: " + status.ToString());
  }
}

Result<bool> Storage::get(std::string_view key, std::string& value) const {
  const auto status = impl_->db->Get(rocksdb::ReadOptions{}, slice(key), &value);
  if (status.ok()) return true;
  if (status.IsNotFound()) return false;
  return impl_->damage->failure_of_read(status, "reading a key", impl_->path);
}

Cursor Storage::Impl::make_cursor(std::string_view first, std::string_view end, bool exact) const {
  auto cursor = std::make_unique<Cursor::Impl>();
  cursor->first = first;
  cursor->end = end;
  cursor->path = path;
  cursor->damage = damage;
  cursor->lower_bound = slice(cursor->first);
  cursor->upper_bound = slice(cursor->end);
  rocksdb::ReadOptions read;
  read.iterate_lower_bound = &cursor->lower_bound;
  read.iterate_upper_bound = &cursor->upper_bound;
  read.ignore_range_deletions = !exact;
  cursor->iterator.reset(db->NewIterator(read));
  return Cursor{std::move(cursor)};
}

Cursor Storage::cursor(std::string_view first, std::string_view end) const {
  return impl_->make_cursor(first, end, false);
}
Cursor Storage::exact_cursor(std::string_view first, std::string_view end) const {
  return impl_->make_cursor(first, end, true);
}

bool Storage::was_clean() const noexcept { return impl_->was_clean; }

Result<void> Storage::writable() const {
  if (impl_->low_on_room && impl_->has_room()) impl_->low_on_room = false;
  if (!impl_->low_on_room && !impl_->events->disk_full()) return {};
  return fail(ErrorCode::disk_full, "the disk is full: free some space, and it goes on by itself", impl_->path);
}

Result<void> Storage::intact() const {
  if (!impl_->damage->found()) return {};
  return fail(ErrorCode::corrupt, impl_->damage->what());
}

Statistics Storage::statistics() const {
  Statistics statistics{.sequenced = sequenced(), .durable = durable()};
  statistics.commits = impl_->sync_thread->commits();
  statistics.sync_seconds = impl_->sync_thread->sync_seconds();
  statistics.sync_commits = impl_->sync_thread->sync_commits();
  statistics.disk_free_bytes = bytes_free_at(impl_->path);
  statistics.disk_used_bytes = bytes_of_files(impl_->path);
  return statistics;
}

// Not RocksDB's own estimate, which takes each deletion for one key less: most of ours have met their keys before they
// were written to a file, and stand there alone.
std::uint64_t Storage::estimated_keys() const {
  using Property = rocksdb::DB::Properties;
  std::uint64_t entries = 0, deletions = 0;
  impl_->db->GetIntProperty(Property::kNumEntriesActiveMemTable, &entries);
  impl_->db->GetIntProperty(Property::kNumDeletesActiveMemTable, &deletions);
  rocksdb::TablePropertiesCollection files;
  impl_->db->GetPropertiesOfAllTables(&files).PermitUncheckedError();  // of those that can be read
  for (const auto& [name, file] : files) {
    entries += file->num_entries;
    deletions += file->num_deletions;
  }
  return entries > deletions ? entries - deletions : 0;
}

Result<BackupMade> Storage::backup(const BackupWish& wish) {
  const Lsn lsn = sequenced();
  if (!impl_->read_only) impl_->sync_log();
  return write_backup(*impl_->db, lsn, wish);
}

void Storage::reclaim(std::string_view first, std::string_view end) {
  const rocksdb::Slice from = slice(first);
  const rocksdb::Slice to = slice(end);
  // Only an optimisation: what it leaves, compaction takes.
  rocksdb::DeleteFilesInRange(impl_->db.get(), impl_->db->DefaultColumnFamily(), &from, &to, false)
      .PermitUncheckedError();
}

}  // namespace tidemark::storage
