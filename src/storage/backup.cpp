#include "storage/backup.hpp"

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "storage/backup_folder.hpp"
#include "storage/directory_lock.hpp"
#include "storage/file_copy.hpp"
#include "storage/posix_file.hpp"
#include "storage/recovery_check.hpp"
#include "storage/rocksdb_status.hpp"

namespace tidemark::storage {
namespace {

using LiveFile = rocksdb::LiveFileStorageInfo;

// Files that the database drops meanwhile stay until this ends.
class KeptFiles {
 public:
  explicit KeptFiles(rocksdb::DB& db) : db_{db}, kept_{db.DisableFileDeletions().ok()} {}
  ~KeptFiles() {
    if (kept_) db_.EnableFileDeletions(/*force=*/false).PermitUncheckedError();
  }
  KeptFiles(const KeptFiles&) = delete;
  KeptFiles& operator=(const KeptFiles&) = delete;

 private:
  rocksdb::DB& db_;
  const bool kept_;  // not where the database is open for reading only: it drops none
};

// The checksum that the MANIFEST has for a sorted file; files from before they were noted have none.
std::optional<std::uint32_t> checksum_of(const LiveFile& file) {
  if (file.file_checksum.size() != 4 || file.file_checksum_func_name != "FileChecksumCrc32c") return std::nullopt;
  std::uint32_t value = 0;
  for (const char byte : file.file_checksum) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

// One backup in the making.
class Writer {
 public:
  Writer(const BackupWish& wish, Lsn lsn)
      : wish_{wish}, path_{wish.folder + "/" + time_in_name(wish.now)}, partial_{path_ + std::string{PARTIAL_SUFFIX}} {
    manifest_.lsn = lsn;
    manifest_.made = time_for_people(wish.now);
  }
  // What is not whole is removed.
  ~Writer() {
    std::error_code ignored;
    std::filesystem::remove_all(partial_, ignored);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Result<BackupMade> write(const std::vector<LiveFile>& files) {
    TIDEMARK_TRY(find_previous());
    TIDEMARK_TRY(check_room(files));
    if (std::filesystem::exists(path_)) return fail(ErrorCode::already_exists, "there is a backup of this name", path_);
    if (auto made = make_directory(partial_); !made) return made.error();
    std::uint64_t bytes = 0;
    for (const auto& file : files) bytes += file.size;
    Work work{wish_.progress, bytes};
    for (const auto& file : files) TIDEMARK_TRY(take(file, work));
    const auto logs = check_recovery(*rocksdb::Env::Default(), partial_, {.tidemark = manifest_.lsn, .manifest = {}});
    if (!logs) return logs.error();
    if (auto listed = write_file(partial_ + "/" + BACKUP_MANIFEST, manifest_.text()); !listed) return listed.error();
    TIDEMARK_TRY(sync_directory(partial_));
    if (::rename(partial_.c_str(), path_.c_str()) != 0) return system_failure(errno, "naming it", path_);
    TIDEMARK_TRY(sync_directory(wish_.folder));
    return BackupMade{path_, manifest_.lsn, manifest_.made, manifest_.bytes(), copied_bytes_, {}};
  }

 private:
  Result<void> find_previous() {
    const auto names = names_of_backups(wish_.folder);
    if (!names) return names.error();
    if (names->empty()) return {};
    previous_path_ = wish_.folder + "/" + names->back();
    if (auto read = BackupManifest::read(previous_path_)) previous_ = std::move(*read);  // a damaged one is of no use
    return {};
  }

  // The file of the backup before that is this one, as far as size and checksum tell.
  const BackupFile* shared(const LiveFile& file) const {
    const auto checksum = checksum_of(file);
    const BackupFile* same = checksum ? previous_.find(file.relative_filename) : nullptr;
    return same && same->bytes == file.size && same->checksum == *checksum ? same : nullptr;
  }

  Result<void> check_room(const std::vector<LiveFile>& files) const {
    std::uint64_t needed = 64 << 20;  // for the directory itself, and so that the disk is not filled to its last byte
    for (const auto& file : files) needed += shared(file) ? 0 : file.size;
    struct statvfs disk {};
    if (::statvfs(wish_.folder.c_str(), &disk) != 0) return {};  // unknown: the copying tells
    const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (free >= needed) return {};
    return fail(ErrorCode::disk_full,
                detail::concatenate("the backup needs ", needed >> 20, " MiB, but ", free >> 20,
                                    " MiB are free: free some, keep fewer backups, or name another folder"),
                wish_.folder);
  }

  Result<void> take(const LiveFile& file, Work& work) {
    const std::string to = partial_ + "/" + file.relative_filename;
    if (!file.replacement_contents.empty()) {
      work.add(file.size);
      return note(file, write_file(to, file.replacement_contents));
    }
    if (const auto* same = shared(file)) {
      const std::string from = previous_path_ + "/" + file.relative_filename;
      if (::link(from.c_str(), to.c_str()) == 0) {
        manifest_.files.push_back(*same);
        work.add(file.size);
        return {};
      }
    }
    copied_bytes_ += file.size;
    const ReadingWatch watch{wish_.stop, [&](std::uint64_t read) { work.add(read); }};
    return note(file, copy_file(file.directory + "/" + file.relative_filename, to, file.size, watch));
  }

  Result<void> note(const LiveFile& file, const Result<FileSum>& sum) {
    if (!sum) return sum.error();
    const std::string from = file.directory + "/" + file.relative_filename;
    const auto expected = checksum_of(file);
    if (sum->bytes != file.size || (expected && *expected != sum->checksum)) {
      return fail(ErrorCode::corrupt, "the file is damaged: its size or checksum is wrong" + remedy_for(file.directory),
                  from);
    }
    manifest_.files.push_back({file.relative_filename, sum->bytes, sum->checksum});
    return {};
  }

  const BackupWish& wish_;
  const std::string path_, partial_;
  std::string previous_path_;
  BackupManifest previous_, manifest_;
  std::uint64_t copied_bytes_ = 0;
};

}  // namespace

Result<BackupMade> write_backup(rocksdb::DB& db, Lsn lsn, const BackupWish& wish) {
  if (auto made = make_directory(wish.folder); !made) return made.error();
  if (const auto read = BackupManifest::read(wish.folder); read) {
    return fail(ErrorCode::invalid, "this is a backup; name the folder that it stands in", wish.folder);
  }
  const auto lock = DirectoryLock::take(wish.folder);
  if (!lock && lock.error().code == ErrorCode::in_use)
    return fail(ErrorCode::in_use, "another backup is being made in this folder; wait until it is done", wish.folder);
  if (!lock) return lock.error();
  if (auto left = prune_backups(wish.folder, 0); !left) return left.error();

  const KeptFiles kept{db};
  rocksdb::LiveFilesStorageInfoOptions options;
  options.include_checksum_info = true;
  options.wal_size_for_flush = UINT64_MAX;  // never: a flush would switch the log, which the storage must do
  std::vector<LiveFile> files;
  if (const auto status = db.GetLiveFilesStorageInfo(options, &files); !status.ok()) {
    return failure_of(status, "listing the files to back up", db.GetName());
  }
  const auto time = time_of_next_backup(wish.folder, wish.now);
  if (!time) return time.error();
  auto named = wish;
  named.now = *time;
  auto made = Writer{named, lsn}.write(files);
  if (!made) return made;
  auto removed = prune_backups(wish.folder, wish.keep);
  if (!removed) return removed.error();
  made->removed = std::move(*removed);
  return made;
}

}  // namespace tidemark::storage
