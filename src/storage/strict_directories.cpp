#include "storage/strict_directories.hpp"

#include <utility>

#include "base/assert.hpp"

namespace tidemark::storage {

class StrictDirectories::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(std::unique_ptr<rocksdb::FSDirectory> target, std::string path, std::shared_ptr<Rule> rule)
      : FSDirectoryWrapper{std::move(target)}, path_{std::move(path)}, rule_{std::move(rule)} {}

  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return checked([&] { return FSDirectoryWrapper::Fsync(options, debug); });
  }
  rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug,
                                        const rocksdb::DirFsyncOptions& why) override {
    return checked([&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, why); });
  }

 private:
  template <class Sync>
  rocksdb::IOStatus checked(const Sync& sync) {
    const std::lock_guard lock{rule_->one_at_a_time};
    auto status = sync();
    if (!status.ok() && rule_->armed) {
      fatal("the directory '" + path_ + "' can't be synced: " + status.ToString() +
            "; nothing acknowledged is lost, check the disk and start again");
    }
    return status;
  }

  const std::string path_;
  const std::shared_ptr<Rule> rule_;
};

rocksdb::IOStatus StrictDirectories::NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                                  std::unique_ptr<rocksdb::FSDirectory>* result,
                                                  rocksdb::IODebugContext* debug) {
  auto status = FileSystemWrapper::NewDirectory(path, options, result, debug);
  if (status.ok()) *result = std::make_unique<Directory>(std::move(*result), path, rule_);
  return status;
}

}  // namespace tidemark::storage
