// The simulated disk keeps what was synced, and loses what it may; a storage on it recovers from every power loss.
#include "storage/simulated_disk.hpp"

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <set>

#include "storage/storage.hpp"

namespace tidemark::storage {
namespace {

using Operation = SimulatedDisk::Operation;
using Fault = SimulatedDisk::Fault;

class SimulatedDiskTest : public testing::Test {
 protected:
  SimulatedDiskTest() { EXPECT_TRUE(disk_.env().CreateDir("/d").ok()); }

  std::unique_ptr<rocksdb::WritableFile> make(const std::string& path) {
    std::unique_ptr<rocksdb::WritableFile> file;
    EXPECT_TRUE(disk_.env().NewWritableFile(path, &file, {}).ok());
    return file;
  }
  void sync_directory() {
    std::unique_ptr<rocksdb::Directory> directory;
    ASSERT_TRUE(disk_.env().NewDirectory("/d", &directory).ok());
    ASSERT_TRUE(directory->Fsync().ok());
  }
  static std::string read(SimulatedDisk& disk, const std::string& path) {
    std::string bytes;
    return rocksdb::ReadFileToString(&disk.env(), path, &bytes).ok() ? bytes : "(none)";
  }
  // All that `look` can find after power losses.
  template <class Look>
  std::set<std::string> outcomes(const Look& look) {
    std::set<std::string> seen;
    for (int i = 0; i < 300; ++i) seen.insert(look(*disk_.after_power_loss(random_)));
    return seen;
  }

  SimulatedDisk disk_;
  Random random_{7};
};

TEST_F(SimulatedDiskTest, KeepsWhatWasSyncedUnderASyncedName) {
  const auto file = make("/d/a");
  ASSERT_TRUE(file->Append("synced").ok() && file->Sync().ok());
  sync_directory();
  EXPECT_EQ(outcomes([](auto& disk) { return read(disk, "/d/a"); }), std::set<std::string>{"synced"});
}

TEST_F(SimulatedDiskTest, MayLoseANameWhoseDirectoryWasNotSynced) {
  const auto file = make("/d/a");
  ASSERT_TRUE(file->Append("synced").ok() && file->Sync().ok());
  EXPECT_EQ(outcomes([](auto& disk) { return read(disk, "/d/a"); }), (std::set<std::string>{"(none)", "synced"}));
}

TEST_F(SimulatedDiskTest, RenamesInOneStepAndNotForCertainBeforeTheDirectoryIsSynced) {
  for (const std::string name : {"/d/old", "/d/new"}) {
    const auto file = make(name);
    ASSERT_TRUE(file->Append(name).ok() && file->Sync().ok());
  }
  sync_directory();
  ASSERT_TRUE(disk_.env().RenameFile("/d/new", "/d/old").ok());
  const auto both = [](auto& disk) { return read(disk, "/d/old") + " " + read(disk, "/d/new"); };
  EXPECT_EQ(outcomes(both), (std::set<std::string>{"/d/old /d/new", "/d/new (none)"}));
  sync_directory();
  EXPECT_EQ(outcomes(both), (std::set<std::string>{"/d/new (none)"}));
}

TEST_F(SimulatedDiskTest, TearsAWriteAtSectorsAndMayKeepALaterOneWithoutAnEarlierOne) {
  const auto file = make("/d/a");
  sync_directory();
  ASSERT_TRUE(file->Append(std::string(512, 'a') + std::string(512, 'b')).ok());
  const auto shape = [](auto& disk) {
    const auto bytes = read(disk, "/d/a");
    EXPECT_EQ(bytes.size() % 512, 0u);
    return bytes.empty() ? "" : std::string{bytes.front() ? bytes.front() : '0'} + bytes.back();
  };
  EXPECT_EQ(outcomes(shape), (std::set<std::string>{"", "aa", "ab", "0b"}));
}

TEST_F(SimulatedDiskTest, MayKeepALaterFileWithoutAnEarlierOne) {
  const auto first = make("/d/a"), second = make("/d/b");
  sync_directory();
  ASSERT_TRUE(first->Append("a").ok() && second->Append("b").ok());
  const auto both = [](auto& disk) { return read(disk, "/d/a") + read(disk, "/d/b"); };
  EXPECT_EQ(outcomes(both), (std::set<std::string>{"", "a", "b", "ab"}));
}

TEST_F(SimulatedDiskTest, TakesNothingMoreOnceThePowerIsCut) {
  const auto file = make("/d/a");
  ASSERT_TRUE(file->Append("before").ok() && file->Sync().ok());
  sync_directory();
  std::uint64_t called = 0;
  disk_.cut_power_after(2, [&] { ++called; });
  ASSERT_TRUE(file->Append(", after").ok());
  EXPECT_TRUE(disk_.has_power());
  ASSERT_TRUE(file->Sync().ok()) << "the power fails in this one";
  EXPECT_FALSE(disk_.has_power());
  EXPECT_EQ(called, 1u);
  ASSERT_TRUE(file->Append(", long after").ok() && file->Sync().ok());
  EXPECT_EQ(read(disk_, "/d/a"), "before, after, long after") << "the process goes on";
  EXPECT_EQ(outcomes([](auto& disk) { return read(disk, "/d/a"); }),
            (std::set<std::string>{"before", "before, after"}));
  EXPECT_EQ(read(*disk_.after_kill(), "/d/a"), "before, after");
}

TEST_F(SimulatedDiskTest, ForgetsWhatASyncFailedForAndSaysSoOnce) {
  const auto file = make("/d/a");
  sync_directory();
  disk_.fail(Operation::sync, 1, Fault::io_error, "/a");
  ASSERT_TRUE(file->Append("x").ok());
  EXPECT_TRUE(file->Sync().IsIOError());
  EXPECT_TRUE(file->Sync().ok()) << "as on Linux";
  EXPECT_EQ(outcomes([](auto& disk) { return read(disk, "/d/a"); }), std::set<std::string>{""});
}

TEST_F(SimulatedDiskTest, FailsTheNthOperationOfAKind) {
  disk_.fail(Operation::write, 2, Fault::no_space, "/b");
  const auto other = make("/d/a"), file = make("/d/b");
  ASSERT_TRUE(other->Append("x").ok() && other->Append("x").ok() && file->Append("x").ok());
  EXPECT_TRUE(file->Append("y").IsNoSpace());
  EXPECT_EQ(read(disk_, "/d/b"), "x");
}

}  // namespace
}  // namespace tidemark::storage
