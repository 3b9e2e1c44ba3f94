#include "storage/full_disk.hpp"

#include <rocksdb/env.h>

#include <atomic>
#include <string>

namespace tidemark::storage {

class FullDisk::Env final : public rocksdb::EnvWrapper {
 public:
  Env() : EnvWrapper{rocksdb::Env::Default()} {}
  std::atomic<bool> full{false};
  std::atomic<bool> committing{false};

  rocksdb::Status NewWritableFile(const std::string& path, std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override {
    if (full && path.ends_with(".sst")) committing.wait(true);
    if (full && path.ends_with(".sst")) return rocksdb::Status::NoSpace("the disk is full");
    return EnvWrapper::NewWritableFile(path, file, options);
  }
};

FullDisk::FullDisk() : env_{std::make_unique<Env>()} {}
FullDisk::~FullDisk() = default;
rocksdb::Env& FullDisk::env() noexcept { return *env_; }
void FullDisk::fill() { env_->full = true; }
void FullDisk::make_room() { env_->full = false; }

FullDisk::Commits::Commits(FullDisk& disk) : disk_{disk} { disk_.env_->committing = true; }
FullDisk::Commits::~Commits() {
  disk_.env_->committing = false;
  disk_.env_->committing.notify_all();
}

}  // namespace tidemark::storage
