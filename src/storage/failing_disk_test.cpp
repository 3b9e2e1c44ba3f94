// A disk that can't do what it is asked to: the process ends at once and tries nothing again, or the directory is
// refused; nothing that was reported durable is lost by it.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>

#include "storage/simulated_disk.hpp"
#include "storage/storage.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::storage {
namespace {

using Operation = SimulatedDisk::Operation;
using Fault = SimulatedDisk::Fault;

constexpr const char* FOLDER_VARIABLE = "TIDEMARK_FAILING_DISK_FOLDER";

struct Case {
  const char* name;
  Operation operation;
  const char* path_part;
  Fault fault;
  const char* says;  // why the process ends, before the disk's own words
  const char* durability = "always";
};

// Before RocksDB can begin another log behind one whose end is unknown.
constexpr const char* LOG = "the log in '/data' can't be written: ";
// Before another thread can sync it, and believe that.
constexpr const char* DIRECTORY = "the directory '/data' can't be synced: ";
constexpr const char* ANYTHING = "";

Options options_on(SimulatedDisk& disk, const Case& c) {
  return {.path = "/data",
          .durability = Durability::parse(c.durability).value(),
          .cache_bytes = 1 << 20,
          .write_buffer_bytes = 16 << 10,
          .env = &disk.env()};
}

std::uint64_t commit(Storage& storage, std::uint64_t number) {
  Batch batch;
  batch.put("key" + std::to_string(number), std::string(1000, 'x'));
  storage.wait_durable(storage.commit(batch));
  return number;
}

// How many commits are there, none of them behind a gap.
std::uint64_t commits_in(const Storage& storage) {
  std::string value;
  std::uint64_t last = 0;
  while (storage.get("key" + std::to_string(last + 1), value).value()) ++last;
  auto cursor = storage.cursor("key", "key~");
  std::uint64_t count = 0;
  for (cursor.seek_first(); cursor.valid(); cursor.next()) ++count;
  EXPECT_EQ(count, last) << "a commit behind a gap";
  return last;
}

// What the process that dies leaves to its test: its disk as it ends, so that what it did after the fault counts. With
// every commit behind a sync the power fails, too.
struct LastWords {
  SimulatedDisk disk;
  bool power_fails = true;
  std::atomic<std::uint64_t> durable{0};
  std::string folder = ::getenv(FOLDER_VARIABLE);
};
LastWords* last_words = nullptr;

void leave_last_words(int) {
  const std::uint64_t durable = last_words->durable;  // before the disk is looked at: other threads still run
  Random random{1};
  const auto& disk = last_words->disk;
  (last_words->power_fails ? disk.after_power_loss(random) : disk.after_kill())->copy_to(last_words->folder);
  std::ofstream{last_words->folder + "/durable"} << durable;
}

[[noreturn]] void commit_until_the_disk_fails(const Case& c) {
  LastWords words;
  words.power_fails = std::string_view{c.durability} == "always";
  last_words = &words;
  const auto storage = Storage::open(options_on(words.disk, c)).or_raise();
  std::uint64_t number = 0;
  while (number < 50) words.durable = commit(*storage, ++number);
  ::signal(SIGABRT, leave_last_words);
  words.disk.fail(c.operation, 1, c.fault, c.path_part);
  while (number < 5000) words.durable = commit(*storage, ++number);
  ::_exit(0);
}

class FailingDiskDeathTest : public testing::TestWithParam<Case> {
 protected:
  // The process that dies runs the test from its beginning, and must not have a folder of its own.
  FailingDiskDeathTest() {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    if (::getenv(FOLDER_VARIABLE) != nullptr) return;
    folder_.emplace();
    ::setenv(FOLDER_VARIABLE, folder_->path().c_str(), 1);
  }
  ~FailingDiskDeathTest() override {
    if (folder_) ::unsetenv(FOLDER_VARIABLE);
  }

  std::optional<TestDirectory> folder_;
};

TEST_P(FailingDiskDeathTest, StopsTheProcessAtOnceAndKeepsWhatWasDurable) {
  // A commit that meets the log after its sync has failed may be the first to say so.
  const auto words = std::string{"tidemark: fatal: "} + GetParam().says + ".*(simulated|Writer has previous error)";
  EXPECT_EXIT(commit_until_the_disk_fails(GetParam()), testing::KilledBySignal(SIGABRT), words);
  ASSERT_TRUE(folder_);
  std::uint64_t durable = 0;
  std::ifstream{folder_->path() + "/durable"} >> durable;
  EXPECT_GE(durable, 50u);
  const auto storage = Storage::open({.path = folder_->path()}).or_raise();
  EXPECT_FALSE(storage->was_clean());
  EXPECT_GE(commits_in(*storage), durable);
}

INSTANTIATE_TEST_SUITE_P(
    While, FailingDiskDeathTest,
    testing::Values(Case{"TheLogIsSynced_EIO", Operation::sync, ".log", Fault::io_error, LOG},
                    Case{"TheLogIsSynced_ENOSPC", Operation::sync, ".log", Fault::no_space, LOG},
                    Case{"TheLogIsWritten_EIO", Operation::write, ".log", Fault::io_error, LOG},
                    Case{"TheLogIsWritten_ENOSPC", Operation::write, ".log", Fault::no_space, LOG},
                    Case{"ACommitIsWritten_EIO", Operation::write, ".log", Fault::io_error, LOG, "never"},
                    Case{"ACommitIsWritten_ENOSPC", Operation::write, ".log", Fault::no_space, LOG, "never"},
                    Case{"TheLogIsSyncedNowAndThen_EIO", Operation::sync, ".log", Fault::io_error, LOG, "interval=1"},
                    Case{"TheManifestIsWritten_EIO", Operation::write, "MANIFEST", Fault::io_error, ANYTHING},
                    Case{"TheManifestIsSynced_EIO", Operation::sync, "MANIFEST", Fault::io_error, ANYTHING},
                    Case{"TheNameOfALogIsSynced_EIO", Operation::sync_directory, "", Fault::io_error, DIRECTORY},
                    Case{"TheNameOfALogIsSynced_ENOSPC", Operation::sync_directory, "", Fault::no_space, DIRECTORY},
                    Case{"TheStateIsWritten_EIO", Operation::write, "tidemark.state", Fault::io_error, ANYTHING}),
    [](const auto& each) { return std::string{each.param.name}; });

class FailingDisk : public testing::TestWithParam<Case> {};

// While a directory is opened nobody waits for an answer yet: it is refused, and opens when the disk is well again.
TEST_P(FailingDisk, RefusesTheDirectoryAndKeepsWhatWasDurable) {
  const auto& c = GetParam();
  SimulatedDisk disk;
  std::uint64_t durable = 0;
  {
    const auto storage = Storage::open(options_on(disk, c)).or_raise();
    while (durable < 50) commit(*storage, ++durable);
  }
  disk.fail(c.operation, 1, c.fault, c.path_part);
  const auto refused = Storage::open(options_on(disk, c));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, c.fault == Fault::no_space ? ErrorCode::disk_full : ErrorCode::io);
  Random random{1};
  for (const auto& left : {disk.after_kill(), disk.after_power_loss(random)})
    EXPECT_EQ(commits_in(*Storage::open(options_on(*left, c)).or_raise()), durable);
}

INSTANTIATE_TEST_SUITE_P(
    ThatIsOpened, FailingDisk,
    testing::Values(Case{"Renaming_EIO", Operation::rename, "CURRENT", Fault::io_error, ANYTHING},
                    Case{"Renaming_ENOSPC", Operation::rename, "CURRENT", Fault::no_space, ANYTHING},
                    Case{"WritingTheManifest_EIO", Operation::write, "MANIFEST", Fault::io_error, ANYTHING},
                    Case{"WritingTheManifest_ENOSPC", Operation::write, "MANIFEST", Fault::no_space, ANYTHING},
                    Case{"SyncingTheManifest_EIO", Operation::sync, "MANIFEST", Fault::io_error, ANYTHING},
                    Case{"SyncingTheManifest_ENOSPC", Operation::sync, "MANIFEST", Fault::no_space, ANYTHING},
                    Case{"SyncingTheDirectory_EIO", Operation::sync_directory, "", Fault::io_error, ANYTHING},
                    Case{"SyncingTheDirectory_ENOSPC", Operation::sync_directory, "", Fault::no_space, ANYTHING},
                    Case{"SyncingTheState_EIO", Operation::sync, "tidemark.state", Fault::io_error, ANYTHING}),
    [](const auto& each) { return std::string{each.param.name}; });

}  // namespace
}  // namespace tidemark::storage
