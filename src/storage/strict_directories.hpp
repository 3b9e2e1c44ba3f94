// StrictDirectories: a file system whose directories are synced well or never again. What a failed sync leaves of the
// names that were made before is unknown, and a later one that goes well says nothing about them. RocksDB takes the
// full disk that a flush meets there for one that it can recover from, while the name of the log is among the lost
// ones.
#pragma once
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

namespace tidemark::storage {

class StrictDirectories final : public rocksdb::FileSystemWrapper {
 public:
  explicit StrictDirectories(const std::shared_ptr<rocksdb::FileSystem>& target) : FileSystemWrapper{target} {}

  const char* Name() const override { return "StrictDirectories"; }
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;

  // From now on a failed sync of a directory ends the process, before another thread can sync it. Until then, while
  // nothing is promised yet, it is an error. Any thread.
  void arm() noexcept { rule_->armed = true; }

 private:
  struct Rule {
    std::atomic<bool> armed{false};
    std::mutex one_at_a_time;
  };
  class Directory;
  const std::shared_ptr<Rule> rule_ = std::make_shared<Rule>();
};

}  // namespace tidemark::storage
