// What a storage does to its directory: the lock, the note of a clean stop, and errors that say what to do.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "storage/file_inspection.hpp"
#include "storage/state_file.hpp"
#include "storage/storage.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::storage {
namespace {

Lsn put(Storage& storage, std::string_view key) {
  Batch batch;
  batch.put(key, "value");
  return storage.commit(batch);
}

TEST(Directory, IsMadeWithItsParents) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/a/b/c";
  EXPECT_TRUE(Storage::open({.path = path}));
  EXPECT_TRUE(std::filesystem::is_directory(path));
}

TEST(Directory, ThatIsAFileIsAnError) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/file";
  std::ofstream{path} << "not a directory";
  const auto opened = Storage::open({.path = path});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::io);
  EXPECT_EQ(opened.error().about, path);
}

TEST(Directory, IsHeldByOneStorageAtATime) {
  const TestDirectory directory;
  {
    const auto first = Storage::open({.path = directory.path()}).or_raise();
    const auto second = Storage::open({.path = directory.path()});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::in_use);
    EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())), std::string::npos);
    EXPECT_NE(second.error().message.find(directory.path()), std::string::npos);
  }
  EXPECT_TRUE(Storage::open({.path = directory.path()})) << "free again when the first has ended";
}

TEST(Directory, KnowsWhetherTheLastStopWasClean) {
  const TestDirectory directory, crashed;
  {
    const auto storage = Storage::open({.path = directory.path()}).or_raise();
    EXPECT_TRUE(storage->was_clean()) << "a new one is";
    storage->wait_durable(put(*storage, "a"));
    crashed.become_copy_of(directory);
  }
  EXPECT_TRUE(Storage::open({.path = directory.path()}).or_raise()->was_clean());
  EXPECT_FALSE(Storage::open({.path = crashed.path()}).or_raise()->was_clean());
}

TEST(Directory, IsUncleanFromTheMomentItIsOpened) {
  const TestDirectory directory, crashed;
  { const auto storage = Storage::open({.path = directory.path()}).or_raise(); }
  const auto storage = Storage::open({.path = directory.path()}).or_raise();
  crashed.become_copy_of(directory);
  EXPECT_FALSE(Storage::open({.path = crashed.path()}).or_raise()->was_clean());
}

// The one log file that a storage of few commits has.
std::filesystem::path log_in(const std::string& directory) {
  for (const auto& file : std::filesystem::directory_iterator{directory}) {
    if (file.path().extension() == ".log" && file.file_size() > 0) return file.path();
  }
  ADD_FAILURE() << "no log in " << directory;
  return {};
}

class DamagedLog : public testing::Test {
 protected:
  // Leaves what a crash behind 100 commits leaves, all of them durable.
  DamagedLog() {
    const TestDirectory running;
    const auto storage = Storage::open({.path = running.path()}).or_raise();
    Lsn last;
    for (int i = 0; i < 100; ++i) last = put(*storage, "key" + std::to_string(i));
    storage->wait_durable(last);
    crashed_.become_copy_of(running);
  }
  TestDirectory crashed_;
};

TEST_F(DamagedLog, WithATornTailOpensWithoutIt) {
  std::ofstream{log_in(crashed_.path()), std::ios::app | std::ios::binary} << "half a record, never acknowledged";
  const auto storage = Storage::open({.path = crashed_.path()}).or_raise();
  std::string value;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(storage->get("key" + std::to_string(i), value).value()) << i;
}

TEST_F(DamagedLog, WithAFlippedBitInItsMiddleIsRefused) {
  const auto path = log_in(crashed_.path());
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekg(middle);
  const int byte = file.get();
  file.seekp(middle);
  file.put(static_cast<char>(byte ^ 1));
  file.close();
  const auto opened = Storage::open({.path = crashed_.path()});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  EXPECT_EQ(opened.error().about, path);
}

TEST_F(DamagedLog, ThatIsShorterThanWhatWasDurableIsRefused) {
  const auto path = log_in(crashed_.path());
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 10);
  const auto opened = Storage::open({.path = crashed_.path()});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  EXPECT_NE(opened.error().message.find("were durable"), std::string::npos) << opened.error().message;
}

// RocksDB's threads may write several edits of the MANIFEST for one sync, and a power loss may take any of their
// sectors.
class TornManifest : public DamagedLog {
 protected:
  TornManifest() {
    for (const auto& file : std::filesystem::directory_iterator{crashed_.path()})
      if (file.path().filename().string().starts_with("MANIFEST")) path_ = file.path();
    std::ifstream file{path_, std::ios::binary};
    bytes_.assign(std::istreambuf_iterator<char>{file}, {});
  }

  // Appends an edit of which the beginning is lost, and so many whole ones: copies of the first.
  void append_torn_edit(int whole_ones_behind) {
    const auto length = static_cast<unsigned char>(bytes_.at(4)) + 256 * static_cast<unsigned char>(bytes_.at(5));
    const auto first = bytes_.substr(0, HEADER + static_cast<std::size_t>(length));
    auto torn = first;
    std::fill(torn.begin(), torn.begin() + 4, '\0');
    std::ofstream file{path_, std::ios::app | std::ios::binary};
    for (file << torn; whole_ones_behind > 0; --whole_ones_behind) file << first;
  }

  static constexpr std::size_t HEADER = 7;
  std::filesystem::path path_;
  std::string bytes_;
};

class TornManifestEnd : public TornManifest, public testing::WithParamInterface<int> {};

TEST_P(TornManifestEnd, IsLeftOut) {
  append_torn_edit(GetParam());
  const auto inspected = inspect_files(crashed_.path()).or_raise();
  EXPECT_TRUE(inspected.findings.empty()) << inspected.findings.front().wrong;
  EXPECT_EQ(inspected.notes.size(), 1u);
  const auto looked_at = Storage::open({.path = crashed_.path(), .read_only = true});
  ASSERT_FALSE(looked_at);
  EXPECT_EQ(looked_at.error().about, path_);
  const auto storage = Storage::open({.path = crashed_.path()}).or_raise();
  std::string value;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(storage->get("key" + std::to_string(i), value).value()) << i;
}

INSTANTIATE_TEST_SUITE_P(WithWholeEditsBehindIt, TornManifestEnd, testing::Values(0, 1, 3));

TEST_F(TornManifest, IsRefusedWhereMoreEditsFollowThanOneSyncHas) {
  append_torn_edit(4);
  const auto opened = Storage::open({.path = crashed_.path()});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  EXPECT_EQ(opened.error().about, path_);
}

TEST(StateFile, ThatIsDamagedCountsAsAnUncleanStop) {
  const TestDirectory directory;
  {
    const StateFile state = StateFile::open(directory.path()).or_raise();
    ASSERT_TRUE(state.mark_clean(Lsn{7}, {}));
  }
  EXPECT_TRUE(StateFile::open(directory.path()).or_raise().was_clean());
  EXPECT_EQ(StateFile::open(directory.path()).or_raise().tidemark(), Lsn{7});
  std::fstream{directory.path() + "/tidemark.state", std::ios::in | std::ios::out}.seekp(9).put('x');
  EXPECT_FALSE(StateFile::open(directory.path()).or_raise().was_clean());
  EXPECT_EQ(StateFile::open(directory.path()).or_raise().tidemark(), Lsn{});
}

}  // namespace
}  // namespace tidemark::storage
