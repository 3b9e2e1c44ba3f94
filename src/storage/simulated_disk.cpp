#include "storage/simulated_disk.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "storage/simulated_files.hpp"

namespace tidemark::storage {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

// The disk itself: the files, the power and the faults, under one lock.
class SimulatedDisk::Files {
 public:
  using File = SimulatedFiles::File;

  Files() = default;
  Files(SimulatedFiles files, std::set<std::string> directories)
      : live_{std::move(files)}, directories_{std::move(directories)} {}

  // --- What changes something ---

  IOStatus write(const std::string& path, const File& file, std::uint64_t offset, std::string_view bytes) {
    return change(Operation::write, path, [&](std::optional<Fault> fault) {
      if (fault != Fault::lost) file->write(offset, bytes);
    });
  }
  IOStatus sync(const std::string& path, const File& file) {
    return change(Operation::sync, path,
                  [&](std::optional<Fault> fault) { fault ? file->forget_unsynced() : file->sync(); });
  }
  IOStatus sync_directory(const std::string& path) {
    return change(Operation::sync_directory, path, [&](std::optional<Fault> fault) {
      fault ? live_.forget_unsynced(path) : live_.sync_directory(path);
    });
  }
  IOStatus rename(const std::string& from, const std::string& to) {
    bool there = true;
    auto status = change(Operation::rename, to, [&](std::optional<Fault> fault) {
      if (!fault) there = live_.rename(from, to);
    });
    return there ? status : missing(from);
  }
  IOStatus make(const std::string& path, File& file) {
    return change(std::nullopt, path, [&](std::optional<Fault>) { file = live_.make(path); });
  }
  IOStatus remove(const std::string& path) {
    bool there = true;
    auto status = change(std::nullopt, path, [&](std::optional<Fault>) { there = live_.remove(path); });
    return there ? status : missing(path);
  }
  IOStatus truncate(const File& file, std::uint64_t size) {
    const std::lock_guard lock{mutex_};
    file->truncate(size);
    return IOStatus::OK();
  }

  // --- What only looks ---

  IOStatus open(const std::string& path, File& file) const {
    const std::lock_guard lock{mutex_};
    file = live_.find(path);
    return file ? IOStatus::OK() : missing(path);
  }
  IOStatus read(const File& file, std::uint64_t offset, std::size_t size, rocksdb::Slice* result, char* scratch) const {
    const std::lock_guard lock{mutex_};
    const auto& bytes = file->bytes();
    const auto count = offset < bytes.size() ? bytes.copy(scratch, size, offset) : 0;
    *result = {scratch, count};
    return IOStatus::OK();
  }
  std::uint64_t size(const File& file) const {
    const std::lock_guard lock{mutex_};
    return file->bytes().size();
  }
  bool is_directory(const std::string& path) const {
    const std::lock_guard lock{mutex_};
    return directories_.contains(path);
  }
  void make_directory(const std::string& path) {
    const std::lock_guard lock{mutex_};
    directories_.insert(path);
  }
  std::vector<std::string> children(const std::string& directory) const {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> names;
    const auto take = [&](const std::string& path) {
      if (path.starts_with(directory + "/") && path.find('/', directory.size() + 1) == path.npos)
        names.push_back(path.substr(directory.size() + 1));
    };
    for (const auto& [path, file] : live_.names()) take(path);
    for (const auto& path : directories_) take(path);
    return names;
  }
  bool lock_file(const std::string& path) {
    const std::lock_guard lock{mutex_};
    return locked_.insert(path).second;
  }
  void unlock_file(const std::string& path) {
    const std::lock_guard lock{mutex_};
    locked_.erase(path);
  }

  // --- The power ---

  void cut_power() {
    const std::lock_guard lock{mutex_};
    cut();
  }
  void cut_power_after(std::uint64_t changes, std::function<void()> at_cut) {
    const std::lock_guard lock{mutex_};
    cut_at_ = changes_ + std::max<std::uint64_t>(changes, 1);
    at_cut_ = std::move(at_cut);
  }
  bool has_power() const {
    const std::lock_guard lock{mutex_};
    return !on_disk_;
  }
  std::uint64_t changes() const {
    const std::lock_guard lock{mutex_};
    return changes_;
  }
  std::shared_ptr<Files> left(Random* power_loss) const {
    const std::lock_guard lock{mutex_};
    const auto& files = on_disk_ ? *on_disk_ : live_;
    return std::make_shared<Files>(power_loss ? files.after_power_loss(*power_loss) : files.all_durable(),
                                   directories_);
  }
  SimulatedFiles copy() const {
    const std::lock_guard lock{mutex_};
    return live_.copy();
  }
  void fail(Operation operation, std::uint64_t nth, Fault fault, const std::string& path_part, std::uint64_t times) {
    const std::lock_guard lock{mutex_};
    planned_.push_back({operation, fault, path_part, nth, times});
  }

 private:
  struct Planned {
    Operation operation;
    Fault fault;
    std::string path_part;
    std::uint64_t countdown, times;
  };

  static IOStatus missing(const std::string& path) { return IOStatus::PathNotFound("no such file", path); }

  // A change that the power fails in has begun, and is not synced.
  template <class Make>
  IOStatus change(std::optional<Operation> operation, const std::string& path, const Make& make) {
    const std::lock_guard lock{mutex_};
    const auto fault = planned_fault(operation, path);
    const bool cut_now = ++changes_ == cut_at_;
    const bool syncs = operation == Operation::sync || operation == Operation::sync_directory;
    if (cut_now && syncs) cut();
    const bool refused = fault == Fault::io_error || fault == Fault::no_space;
    if (!refused || syncs) make(fault);
    if (cut_now && !syncs) cut();
    if (fault == Fault::io_error) return IOStatus::IOError("simulated EIO", path);
    if (fault == Fault::no_space) return IOStatus::NoSpace("simulated ENOSPC", path);
    return IOStatus::OK();
  }

  std::optional<Fault> planned_fault(std::optional<Operation> operation, const std::string& path) {
    std::optional<Fault> fault;
    for (auto& plan : planned_) {
      if (plan.operation != operation || path.find(plan.path_part) == path.npos) continue;
      if (plan.countdown > 1) {
        --plan.countdown;
      } else if (plan.times > 0) {
        --plan.times;
        fault = plan.fault;
      }
    }
    return fault;
  }

  void cut() {
    if (on_disk_) return;
    on_disk_ = live_.copy();
    if (at_cut_) at_cut_();
  }

  mutable std::mutex mutex_;
  SimulatedFiles live_;
  std::optional<SimulatedFiles> on_disk_;  // once the power is cut: what was there then
  std::set<std::string> directories_, locked_;
  std::vector<Planned> planned_;
  std::uint64_t changes_ = 0, cut_at_ = 0;
  std::function<void()> at_cut_;
};

namespace {

using File = SimulatedFiles::File;

// Without slashes that say nothing.
std::string plain(const std::string& path) {
  std::string result;
  for (const char c : path)
    if (c != '/' || !result.ends_with('/')) result += c;
  if (result.size() > 1 && result.ends_with('/')) result.pop_back();
  return result;
}

template <class Disk>
class SequentialFile final : public rocksdb::FSSequentialFile {
 public:
  SequentialFile(std::shared_ptr<Disk> disk, File file) : disk_{std::move(disk)}, file_{std::move(file)} {}
  IOStatus Read(std::size_t size, const IOOptions&, rocksdb::Slice* result, char* scratch, IODebugContext*) override {
    auto status = disk_->read(file_, at_, size, result, scratch);
    at_ += result->size();
    return status;
  }
  IOStatus Skip(std::uint64_t size) override {
    at_ += size;
    return IOStatus::OK();
  }

 private:
  const std::shared_ptr<Disk> disk_;
  const File file_;
  std::uint64_t at_ = 0;
};

template <class Disk>
class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccessFile(std::shared_ptr<Disk> disk, File file) : disk_{std::move(disk)}, file_{std::move(file)} {}
  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions&, rocksdb::Slice* result, char* scratch,
                IODebugContext*) const override {
    return disk_->read(file_, offset, size, result, scratch);
  }

 private:
  const std::shared_ptr<Disk> disk_;
  const File file_;
};

template <class Disk>
class WritableFile final : public rocksdb::FSWritableFile {
 public:
  WritableFile(std::shared_ptr<Disk> disk, std::string path, File file)
      : disk_{std::move(disk)}, path_{std::move(path)}, file_{std::move(file)}, end_{disk_->size(file_)} {}
  using FSWritableFile::Append;
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions&, IODebugContext*) override {
    auto status = disk_->write(path_, file_, end_, bytes.ToStringView());
    if (status.ok()) end_ += bytes.size();
    return status;
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions&, IODebugContext*) override {
    end_ = size;
    return disk_->truncate(file_, size);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return disk_->sync(path_, file_); }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return end_; }

 private:
  const std::shared_ptr<Disk> disk_;
  const std::string path_;
  const File file_;
  std::uint64_t end_;
};

template <class Disk>
class OverwrittenFile final : public rocksdb::FSRandomRWFile {
 public:
  OverwrittenFile(std::shared_ptr<Disk> disk, std::string path, File file)
      : disk_{std::move(disk)}, path_{std::move(path)}, file_{std::move(file)} {}
  IOStatus Write(std::uint64_t offset, const rocksdb::Slice& bytes, const IOOptions&, IODebugContext*) override {
    return disk_->write(path_, file_, offset, bytes.ToStringView());
  }
  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions&, rocksdb::Slice* result, char* scratch,
                IODebugContext*) const override {
    return disk_->read(file_, offset, size, result, scratch);
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return disk_->sync(path_, file_); }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  const std::shared_ptr<Disk> disk_;
  const std::string path_;
  const File file_;
};

template <class Disk>
class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(std::shared_ptr<Disk> disk, std::string path) : disk_{std::move(disk)}, path_{std::move(path)} {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return disk_->sync_directory(path_); }

 private:
  const std::shared_ptr<Disk> disk_;
  const std::string path_;
};

struct HeldLock final : rocksdb::FileLock {
  explicit HeldLock(std::string locked) : path{std::move(locked)} {}
  const std::string path;
};

// RocksDB's diary is not simulated.
class NoDiary final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
  std::size_t GetLogFileSize() const override { return 0; }
};

}  // namespace

// What RocksDB calls.
class SimulatedDisk::FileSystem final : public rocksdb::FileSystem {
 public:
  explicit FileSystem(std::shared_ptr<Files> disk) : disk_{std::move(disk)} {}
  const char* Name() const override { return "SimulatedDisk"; }

  IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext*) override {
    File file;
    auto status = disk_->open(plain(path), file);
    if (status.ok()) *result = std::make_unique<SequentialFile<Files>>(disk_, std::move(file));
    return status;
  }
  IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result, IODebugContext*) override {
    File file;
    auto status = disk_->open(plain(path), file);
    if (status.ok()) *result = std::make_unique<RandomAccessFile<Files>>(disk_, std::move(file));
    return status;
  }
  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) override {
    File file;
    auto status = disk_->make(plain(path), file);
    if (status.ok()) *result = std::make_unique<WritableFile<Files>>(disk_, plain(path), std::move(file));
    return status;
  }
  IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) override {
    File file;
    auto status = disk_->open(plain(path), file);
    if (status.IsPathNotFound()) status = disk_->make(plain(path), file);
    if (status.ok()) *result = std::make_unique<WritableFile<Files>>(disk_, plain(path), std::move(file));
    return status;
  }
  IOStatus NewRandomRWFile(const std::string& path, const rocksdb::FileOptions&,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* result, IODebugContext*) override {
    File file;
    auto status = disk_->open(plain(path), file);
    if (status.ok()) *result = std::make_unique<OverwrittenFile<Files>>(disk_, plain(path), std::move(file));
    return status;
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions&, std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext*) override {
    if (!disk_->is_directory(plain(path))) return IOStatus::PathNotFound("no such directory", path);
    *result = std::make_unique<Directory<Files>>(disk_, plain(path));
    return IOStatus::OK();
  }

  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    File file;
    if (disk_->is_directory(plain(path)) || disk_->open(plain(path), file).ok()) return IOStatus::OK();
    return IOStatus::NotFound("no such file", path);
  }
  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* result,
                       IODebugContext*) override {
    if (!disk_->is_directory(plain(path))) return IOStatus::PathNotFound("no such directory", path);
    *result = disk_->children(plain(path));
    return IOStatus::OK();
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return disk_->remove(plain(path));
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    if (disk_->is_directory(plain(path))) return IOStatus::IOError("it is there already", path);
    disk_->make_directory(plain(path));
    return IOStatus::OK();
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    disk_->make_directory(plain(path));
    return IOStatus::OK();
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("directories stay", path);
  }
  IOStatus GetFileSize(const std::string& path, const IOOptions&, std::uint64_t* size, IODebugContext*) override {
    File file;
    auto status = disk_->open(plain(path), file);
    if (status.ok()) *size = disk_->size(file);
    return status;
  }
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, std::uint64_t* time,
                                   IODebugContext*) override {
    *time = 0;
    return IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&, IODebugContext*) override {
    return disk_->rename(plain(from), plain(to));
  }
  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock, IODebugContext*) override {
    if (!disk_->lock_file(path)) return IOStatus::IOError("somebody holds this lock", path);
    *lock = new HeldLock{path};
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    const std::unique_ptr<HeldLock> held{static_cast<HeldLock*>(lock)};
    disk_->unlock_file(held->path);
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
    *path = "/test";
    return IOStatus::OK();
  }
  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* result,
                     IODebugContext*) override {
    *result = std::make_shared<NoDiary>();
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result, IODebugContext*) override {
    *result = path;
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* result, IODebugContext*) override {
    *result = disk_->is_directory(plain(path));
    return IOStatus::OK();
  }

 private:
  const std::shared_ptr<Files> disk_;
};

SimulatedDisk::SimulatedDisk() : SimulatedDisk{std::make_shared<Files>()} {}
SimulatedDisk::SimulatedDisk(std::shared_ptr<Files> files)
    : files_{std::move(files)}, env_{rocksdb::NewCompositeEnv(std::make_shared<FileSystem>(files_))} {}
SimulatedDisk::~SimulatedDisk() = default;

rocksdb::Env& SimulatedDisk::env() noexcept { return *env_; }
void SimulatedDisk::cut_power() { files_->cut_power(); }
void SimulatedDisk::cut_power_after(std::uint64_t changes, std::function<void()> at_cut) {
  files_->cut_power_after(changes, std::move(at_cut));
}
bool SimulatedDisk::has_power() const { return files_->has_power(); }
std::uint64_t SimulatedDisk::changes() const { return files_->changes(); }
void SimulatedDisk::fail(Operation operation, std::uint64_t nth, Fault fault, const std::string& path_part,
                         std::uint64_t times) {
  files_->fail(operation, nth, fault, path_part, times);
}

std::unique_ptr<SimulatedDisk> SimulatedDisk::after_power_loss(Random& random) const {
  return std::unique_ptr<SimulatedDisk>{new SimulatedDisk{files_->left(&random)}};
}
std::unique_ptr<SimulatedDisk> SimulatedDisk::after_kill() const {
  return std::unique_ptr<SimulatedDisk>{new SimulatedDisk{files_->left(nullptr)}};
}

void SimulatedDisk::copy_to(const std::string& folder) const {
  const auto files = files_->copy();
  for (const auto& [path, file] : files.names()) {
    std::ofstream{folder + path.substr(path.rfind('/')), std::ios::binary} << file->bytes();
  }
}

}  // namespace tidemark::storage
