#include <fcntl.h>
#include <rocksdb/env.h>
#include <stdio.h>
#include <sys/stat.h>

#include <filesystem>

#include "storage/backup.hpp"
#include "storage/backup_folder.hpp"
#include "storage/directory_lock.hpp"
#include "storage/file_copy.hpp"
#include "storage/posix_file.hpp"
#include "storage/recovery_check.hpp"
#include "storage/state_file.hpp"

namespace tidemark::storage {
namespace {

Result<void> compare(const BackupFile& file, const Result<FileSum>& sum, const std::string& path) {
  if (!sum && sum.error().code != ErrorCode::not_found) return sum.error();
  if (!sum) return fail(ErrorCode::corrupt, "a file of the backup is missing; use another backup", path);
  if (sum->bytes == file.bytes && sum->checksum == file.checksum) return {};
  return fail(ErrorCode::corrupt, "a file of the backup is damaged: its size or checksum is wrong; use another backup",
              path);
}

ReadingWatch counting(Work& work) {
  return {.read = [&work](std::uint64_t read) { work.add(read); }};
}

Result<void> verify(const std::string& path, const BackupManifest& manifest, Work& work) {
  for (const auto& file : manifest.files) {
    const std::string name = path + "/" + file.name;
    TIDEMARK_TRY(compare(file, sum_of_file(name, UINT64_MAX, counting(work)), name));
  }
  const auto logs = check_recovery(*rocksdb::Env::Default(), path, {.tidemark = manifest.lsn, .manifest = {}});
  if (!logs) return logs.error();
  return {};
}

std::string parent_of(const std::string& path) {
  const auto parent = std::filesystem::path{path}.parent_path().string();
  return parent.empty() ? "." : parent;
}

// The last step is a rename, which does not reach over to another file system.
Result<void> check_that_it_can_be_renamed(const std::string& data) {
  struct stat there {};
  struct stat parent {};
  if (::stat(data.c_str(), &there) != 0 || ::stat(parent_of(data).c_str(), &parent) != 0) return {};
  if (there.st_dev == parent.st_dev) return {};
  return fail(ErrorCode::invalid, "a file system is mounted there; name a directory below it", data);
}

// Copies beside the target, so that the last step is a rename within one directory.
class Restoring {
 public:
  explicit Restoring(const std::string& data) : path_{data + ".restoring"}, parent_{parent_of(data)} {}
  ~Restoring() {
    std::error_code ignored;
    if (!done_) std::filesystem::remove_all(path_, ignored);
  }
  Restoring(const Restoring&) = delete;
  Restoring& operator=(const Restoring&) = delete;

  Result<void> fill(const std::string& from, const BackupManifest& manifest, Work& work) {
    std::error_code error;
    std::filesystem::remove_all(path_, error);  // what an interrupted one has left
    if (auto made = make_directory(path_); !made) return made.error();
    for (const auto& file : manifest.files) {
      const auto copied = copy_file(from + "/" + file.name, path_ + "/" + file.name, UINT64_MAX, counting(work));
      TIDEMARK_TRY(compare(file, copied, from + "/" + file.name));
    }
    // Not a clean stop: what was in flight then may have been running. No lock and no process are carried over.
    const auto state = StateFile::open(path_);
    if (!state) return state.error();
    TIDEMARK_TRY(state->mark_running(manifest.lsn, {}));
    return sync_directory(path_);
  }

  // `put_aside` is empty where nothing stands in the way. One step even so: the copy is given that name first, which it
  // then exchanges for `data`, so that the directory from before never has a name that is cleaned up.
  Result<void> become(const std::string& data, const std::string& put_aside) {
    if (put_aside.empty()) {
      if (::rename(path_.c_str(), data.c_str()) != 0) return system_failure(errno, "naming it", data);
    } else {
      if (::rename(path_.c_str(), put_aside.c_str()) != 0) return system_failure(errno, "naming it", put_aside);
      path_ = put_aside;
      TIDEMARK_TRY(sync_directory(parent_));
      if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, data.c_str(), RENAME_EXCHANGE) != 0)
        return system_failure(errno, "taking the place of the directory from before", data);
    }
    done_ = true;
    return sync_directory(parent_);
  }

 private:
  std::string path_;
  const std::string parent_;
  bool done_ = false;
};

bool is_empty_directory(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error) && std::filesystem::is_empty(path, error);
}

std::string without_trailing_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

Result<std::vector<BackupFound>> list_backups(const std::string& folder) {
  const auto names = names_of_backups(folder);
  if (!names) return names.error();
  std::vector<BackupFound> found;
  for (const auto& name : *names) found.push_back({folder + "/" + name, BackupManifest::read(folder + "/" + name)});
  return found;
}

Result<BackupManifest> verify_backup(const std::string& path, const OnProgress& progress) {
  auto manifest = BackupManifest::read(path);
  if (!manifest) return manifest;
  Work work{progress, manifest->bytes()};
  TIDEMARK_TRY(verify(path, *manifest, work));
  return manifest;
}

Result<Restored> restore_backup(const RestoreWish& wish) {
  std::error_code error;
  std::string data = without_trailing_slash(wish.data);
  if (std::filesystem::is_symlink(data, error)) data = std::filesystem::weakly_canonical(data, error).string();
  TIDEMARK_TRY(check_that_it_can_be_renamed(data));
  auto manifest = BackupManifest::read(wish.from);
  if (!manifest) return manifest.error();
  Work work{wish.progress, 2 * manifest->bytes()};
  TIDEMARK_TRY(verify(wish.from, *manifest, work));

  const bool there = std::filesystem::exists(data, error) && !is_empty_directory(data);
  if (there && !wish.replace) {
    return fail(ErrorCode::already_exists,
                "it is not empty: name another directory, or say --replace to put this one aside", data);
  }
  if (there) {
    const auto lock = DirectoryLock::take_to_read(data);
    if (!lock) return lock.error();
  }
  Restoring restoring{data};
  TIDEMARK_TRY(restoring.fill(wish.from, *manifest, work));
  Restored restored{std::move(*manifest), {}};
  if (there) restored.put_aside = data + ".before-restore-" + time_in_name(wish.now);
  TIDEMARK_TRY(restoring.become(data, restored.put_aside));
  return restored;
}

}  // namespace tidemark::storage
