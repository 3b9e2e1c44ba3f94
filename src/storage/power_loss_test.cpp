// Power loss: of every file only what was synced is left. What was durable must be there afterwards, and what is there
// must be a prefix of whole commits, however often the log was switched meanwhile.
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <map>
#include <mutex>
#include <vector>

#include "base/random.hpp"
#include "storage/storage.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::storage {
namespace {

// Remembers how much of each file was written and synced when the power went off. The storage may go on meanwhile: what
// it does to files then is undone by drop_unsynced(), which leaves of each file what a power loss may leave: all that
// was synced, and a random part of what was written behind it.
class PowerLossEnv final : public rocksdb::EnvWrapper {
 public:
  PowerLossEnv() : EnvWrapper{rocksdb::Env::Default()} {}

  void cut_power() {
    const std::lock_guard lock{mutex_};
    power_ = false;
  }
  void drop_unsynced(Random& random) const {
    for (const auto& [path, bytes] : files_) {
      std::filesystem::resize_file(path, bytes.synced + random.below(bytes.written - bytes.synced + 1));
    }
    for (const auto& path : made_without_power_) std::filesystem::remove(path);
  }

  rocksdb::Status NewWritableFile(const std::string& path, std::unique_ptr<rocksdb::WritableFile>* file,
                                  const rocksdb::EnvOptions& options) override;
  rocksdb::Status DeleteFile(const std::string& path) override {
    const std::lock_guard lock{mutex_};
    if (!power_) return rocksdb::Status::OK();
    files_.erase(path);
    return EnvWrapper::DeleteFile(path);
  }
  rocksdb::Status RenameFile(const std::string& from, const std::string& to) override {
    const std::lock_guard lock{mutex_};
    if (!power_) return rocksdb::Status::OK();
    if (auto moved = files_.extract(from)) files_[to] = moved.mapped();
    return EnvWrapper::RenameFile(from, to);
  }

 private:
  class File;
  struct Bytes {
    std::uint64_t synced = 0, written = 0;
  };
  void note_written(const std::string& path, std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    if (power_) files_[path].written += bytes;
  }
  // Nothing is really synced: the machine stays up, and the test is quick.
  rocksdb::Status note_synced(const std::string& path) {
    const std::lock_guard lock{mutex_};
    if (power_) files_[path].synced = files_[path].written;
    return rocksdb::Status::OK();
  }

  std::mutex mutex_;
  bool power_ = true;
  std::map<std::string, Bytes> files_;
  std::vector<std::string> made_without_power_;
};

class PowerLossEnv::File final : public rocksdb::WritableFileWrapper {
 public:
  File(PowerLossEnv& env, std::string path, std::unique_ptr<rocksdb::WritableFile> file)
      : WritableFileWrapper{file.get()}, env_{env}, path_{std::move(path)}, file_{std::move(file)} {}

  rocksdb::Status Append(const rocksdb::Slice& bytes) override {
    env_.note_written(path_, bytes.size());
    return file_->Append(bytes);
  }
  rocksdb::Status Append(const rocksdb::Slice& bytes, const rocksdb::DataVerificationInfo&) override {
    return Append(bytes);
  }
  rocksdb::Status Sync() override { return env_.note_synced(path_); }
  rocksdb::Status Fsync() override { return env_.note_synced(path_); }

 private:
  PowerLossEnv& env_;
  const std::string path_;
  const std::unique_ptr<rocksdb::WritableFile> file_;
};

rocksdb::Status PowerLossEnv::NewWritableFile(const std::string& path, std::unique_ptr<rocksdb::WritableFile>* file,
                                              const rocksdb::EnvOptions& options) {
  std::unique_ptr<rocksdb::WritableFile> real;
  const auto status = EnvWrapper::NewWritableFile(path, &real, options);
  if (!status.ok()) return status;
  *file = std::make_unique<File>(*this, path, std::move(real));
  const std::lock_guard lock{mutex_};
  if (power_) {
    files_[path] = {};
  } else {
    made_without_power_.push_back(path);
  }
  return status;
}

// Commits 1, 2, 3, … until the power goes off. Returns the number that was durable by then.
std::uint64_t commit_until_power_loss(const TestDirectory& directory, Durability durability, Random& random) {
  PowerLossEnv env;
  std::uint64_t durable = 0;
  std::string state;
  {
    const auto storage =
        Storage::open({.path = directory.path(), .durability = durability, .write_buffer_bytes = 64 << 10, .env = &env})
            .or_raise();
    const std::uint64_t commits = 1 + random.below(600);
    for (std::uint64_t number = 1; number <= commits; ++number) {
      Batch batch;
      const std::string text = std::to_string(number);
      batch.put("left" + text, std::string(random.below(2000), 'x'));
      batch.put("right" + text, text);
      const Lsn lsn = storage->commit(batch);
      if (random.below(20) != 0) continue;
      storage->wait_durable(lsn);
      if (durability.mode == Durability::Mode::always) durable = number;
    }
    std::filesystem::copy_file(directory.path() + "/tidemark.state", directory.path() + "/state-at-power-loss");
    env.cut_power();
  }
  std::filesystem::rename(directory.path() + "/state-at-power-loss", directory.path() + "/tidemark.state");
  env.drop_unsynced(random);
  return durable;
}

class PowerLoss : public testing::TestWithParam<const char*> {};

TEST_P(PowerLoss, LeavesWhatWasDurableAndAPrefixOfTheRest) {
  const std::uint64_t seed = thread_random().next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  for (int round = 0; round < 20; ++round) {
    const TestDirectory directory;
    const std::uint64_t durable = commit_until_power_loss(directory, Durability::parse(GetParam()).value(), random);
    const auto storage = Storage::open({.path = directory.path()}).or_raise();
    EXPECT_FALSE(storage->was_clean());
    std::string value;
    std::uint64_t last = 0;
    while (storage->get("left" + std::to_string(last + 1), value).value()) {
      ++last;
      EXPECT_TRUE(storage->get("right" + std::to_string(last), value).value()) << "half of commit " << last;
    }
    EXPECT_GE(last, durable);
    Cursor behind = storage->cursor("left", "left~");
    std::uint64_t count = 0;
    for (behind.seek_first(); behind.valid(); behind.next()) ++count;
    EXPECT_EQ(count, last) << "a commit behind a gap";
  }
}

INSTANTIATE_TEST_SUITE_P(EveryDurability, PowerLoss, testing::Values("always", "interval=2", "never"));

}  // namespace
}  // namespace tidemark::storage
