// Backups: what was committed before one is in it, what is damaged is refused by name, and a restore is all or nothing.
#include "storage/backup.hpp"
#include "storage/backup_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/random.hpp"
#include "storage/file_inspection.hpp"
#include "storage/storage.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::storage {
namespace {

TimePoint moment(int seconds) { return TimePoint{std::chrono::seconds{1'700'000'000 + seconds}}; }

ino_t inode(const std::string& path) {
  struct stat file {};
  EXPECT_EQ(::stat(path.c_str(), &file), 0) << path;
  return file.st_ino;
}

void flip_a_bit(const std::string& path) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
  file.seekg(middle);
  const int byte = file.get();
  file.seekp(middle);
  file.put(static_cast<char>(byte ^ 4));
}

// How many of the commits 1, 2, 3, … are there; fails the test where one is missing in between or is there by half.
std::uint64_t commits_in(const Storage& storage) {
  std::uint64_t last = 0;
  std::string value;
  while (storage.get("left" + std::to_string(last + 1), value).value()) {
    ++last;
    EXPECT_TRUE(storage.get("right" + std::to_string(last), value).value()) << "half of commit " << last;
  }
  Cursor all = storage.cursor("left", "left~");
  std::uint64_t count = 0;
  for (all.seek_first(); all.valid(); all.next()) ++count;
  EXPECT_EQ(count, last) << "a commit behind a gap";
  return last;
}

class Backup : public testing::Test {
 protected:
  Backup() { open(); }

  void open() { storage_ = Storage::open({.path = data(), .write_buffer_bytes = 64 << 10}).or_raise(); }
  std::string data() const { return root_.path() + "/data"; }
  std::string folder() const { return root_.path() + "/backups"; }
  BackupWish wish(int seconds, std::uint32_t keep = 0) const {
    return {.folder = folder(), .now = moment(seconds), .keep = keep};
  }
  void commit(std::uint64_t times) {
    for (; times > 0; --times) {
      Batch batch;
      const auto number = std::to_string(++committed_);
      batch.put("left" + number, noise());
      batch.put("right" + number, number);
      storage_->commit(batch);
    }
  }
  // Can't be compressed, so that there are several sorted files.
  std::string noise() {
    std::string bytes(500, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random_.next());
    return bytes;
  }
  std::unique_ptr<Storage> restored(const std::string& from, const std::string& name = "restored") {
    const std::string to = root_.path() + "/" + name;
    restore_backup({.from = from, .data = to, .now = moment(1000)}).or_raise();
    return Storage::open({.path = to}).or_raise();
  }

  const TestDirectory root_;
  std::unique_ptr<Storage> storage_;
  Random random_{1};
  std::atomic<std::uint64_t> committed_{0};
};

TEST_F(Backup, HoldsWhatWasCommittedBeforeAndAPrefixOfWhatIsCommittedMeanwhile) {
  commit(1000);
  for (int round = 0; round < 3; ++round) {
    const std::uint64_t before = committed_;
    std::atomic<bool> done{false};
    std::thread others{[&] {
      while (!done) commit(1);
    }};
    const auto made = storage_->backup(wish(round));
    done = true;
    others.join();
    ASSERT_TRUE(made) << made.error().text();
    const auto copy = restored(made->path, "restored" + std::to_string(round));
    EXPECT_GE(commits_in(*copy), before);
    EXPECT_FALSE(copy->was_clean()) << "what was in flight when it was made may have been running";
  }
  EXPECT_EQ(commits_in(*storage_), committed_);
}

// Notes what a listener is told, which only rises, and ends with all.
class Told {
 public:
  OnProgress listener() {
    return [this](std::uint64_t done, std::uint64_t of) {
      EXPECT_GE(done, done_);
      EXPECT_LE(done, of);
      done_ = done;
      of_ = of;
    };
  }
  void expect_all_of(std::uint64_t bytes) {
    EXPECT_EQ(done_, bytes);
    EXPECT_EQ(of_, bytes);
    done_ = of_ = 0;
  }

 private:
  std::uint64_t done_ = 0, of_ = 0;
};

TEST_F(Backup, TellsHowFarItIs) {
  commit(2000);
  Told told;
  auto wanted = wish(0);
  wanted.progress = told.listener();
  const auto first = storage_->backup(wanted).or_raise();
  told.expect_all_of(first.bytes);
  wanted.now = moment(1);
  const auto second = storage_->backup(wanted).or_raise();
  told.expect_all_of(second.bytes);
  verify_backup(second.path, told.listener()).or_raise();
  told.expect_all_of(second.bytes);
  restore_backup({.from = second.path, .data = root_.path() + "/there", .now = moment(2), .progress = told.listener()})
      .or_raise();
  told.expect_all_of(2 * second.bytes);
  const auto inspected = inspect_files(root_.path() + "/there", told.listener()).or_raise();
  told.expect_all_of(inspected.bytes);
}

TEST_F(Backup, OfADirectoryAtRestChangesNothingInIt) {
  commit(500);
  storage_.reset();
  std::map<std::string, std::filesystem::file_time_type> before, after;
  const auto note = [&](auto& times) {
    for (const auto& file : std::filesystem::directory_iterator{data()})
      times[file.path().filename()] = file.last_write_time();
  };
  note(before);
  const auto made = Storage::open({.path = data(), .read_only = true}).or_raise()->backup(wish(0)).or_raise();
  note(after);
  EXPECT_EQ(before, after);
  EXPECT_EQ(commits_in(*restored(made.path)), committed_);
}

TEST_F(Backup, SharesUnchangedFilesWithTheOneBeforeButNotWithTheDirectory) {
  commit(2000);
  auto first = storage_->backup(wish(0)).or_raise(), second = first;
  // Until no compaction comes in between.
  for (int i = 1; i < 200 && second.copied_bytes >= second.bytes / 2; ++i) {
    first = second;
    commit(1);
    second = storage_->backup(wish(i)).or_raise();
  }
  EXPECT_LT(second.copied_bytes, second.bytes / 2);
  std::uint64_t shared = 0;
  const auto manifest = BackupManifest::read(second.path).or_raise();
  for (const auto& file : manifest.files) {
    if (!file.name.ends_with(".sst") || !std::filesystem::exists(first.path + "/" + file.name)) continue;
    shared += inode(first.path + "/" + file.name) == inode(second.path + "/" + file.name) ? 1 : 0;
    if (std::filesystem::exists(data() + "/" + file.name)) {
      EXPECT_NE(inode(data() + "/" + file.name), inode(second.path + "/" + file.name));
    }
  }
  EXPECT_GT(shared, 0u);
  EXPECT_EQ(commits_in(*restored(second.path)), committed_);
}

TEST_F(Backup, KeepsAsManyAsWereWishedFor) {
  for (int i = 0; i < 5; ++i) {
    commit(100);
    const auto made = storage_->backup(wish(i, 2)).or_raise();
    EXPECT_EQ(made.removed.size(), i < 2 ? 0u : 1u);
  }
  const auto left = list_backups(folder()).or_raise();
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[0].manifest.value().made, "2023-11-14T22:13:23.000Z");
  EXPECT_EQ(commits_in(*restored(left[0].path, "older")), 400u) << "what it shared with removed ones is still there";
}

TEST_F(Backup, ThatIsDamagedAnywhereIsRefusedByTheNameOfTheFile) {
  commit(1500);
  const auto made = storage_->backup(wish(0)).or_raise();
  auto files = BackupManifest::read(made.path).value().files;
  ASSERT_GT(files.size(), 4u);
  files.push_back({BACKUP_MANIFEST});
  for (const auto& file : files) {
    const std::string path = made.path + "/" + file.name;
    const std::string whole = root_.path() + "/whole";
    std::filesystem::copy_file(path, whole, std::filesystem::copy_options::overwrite_existing);
    for (const bool missing : {false, true}) {
      missing ? static_cast<void>(std::filesystem::remove(path)) : flip_a_bit(path);
      const auto restored = restore_backup({.from = made.path, .data = root_.path() + "/never", .now = moment(1)});
      ASSERT_FALSE(restored) << file.name;
      EXPECT_NE(restored.error().text().find(file.name), std::string::npos) << restored.error().text();
      EXPECT_FALSE(std::filesystem::exists(root_.path() + "/never"));
      std::filesystem::copy_file(whole, path, std::filesystem::copy_options::overwrite_existing);
    }
  }
  EXPECT_TRUE(verify_backup(made.path));
}

// At rest, so that no compaction comes upon the damage first.
TEST_F(Backup, OfADamagedDirectoryIsRefusedByTheNameOfTheFile) {
  commit(1500);
  storage_.reset();
  const Options at_rest{.path = data(), .read_only = true};
  const auto whole = Storage::open(at_rest).or_raise()->backup(wish(0)).or_raise();
  std::string damaged;
  const auto manifest = BackupManifest::read(whole.path).or_raise();
  for (const auto& file : manifest.files)
    if (file.name.ends_with(".sst")) damaged = file.name;
  ASSERT_FALSE(damaged.empty());
  flip_a_bit(data() + "/" + damaged);

  BackupWish elsewhere = wish(1);
  elsewhere.folder += "-elsewhere";  // where there is no whole one to share with
  const auto made = Storage::open(at_rest).or_raise()->backup(elsewhere);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::corrupt);
  EXPECT_NE(made.error().text().find(damaged), std::string::npos) << made.error().text();
  EXPECT_TRUE(list_backups(elsewhere.folder).value().empty()) << "half a backup is none";
}

TEST_F(Backup, IsNoDataDirectory) {
  commit(10);
  const auto made = storage_->backup(wish(0)).or_raise();
  const auto opened = Storage::open({.path = made.path});
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("tidemark restore"), std::string::npos);
  EXPECT_TRUE(verify_backup(made.path)) << "and is as it was";
}

TEST_F(Backup, ThatWasInterruptedIsRemovedByTheNextOne) {
  commit(10);
  const std::string partial = folder() + "/20231114T221320.000Z.partial";
  std::filesystem::create_directories(partial);
  std::filesystem::create_directories(folder() + "/of somebody else");
  storage_->backup(wish(1, 1)).or_raise();
  EXPECT_FALSE(std::filesystem::exists(partial));
  EXPECT_TRUE(std::filesystem::exists(folder() + "/of somebody else"));
}

TEST_F(Backup, ThatIsToldToStopLeavesNothing) {
  commit(10);
  std::stop_source stop;
  stop.request_stop();
  auto stopped = wish(0);
  stopped.stop = stop.get_token();
  const auto made = storage_->backup(stopped);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::cancelled);
  EXPECT_TRUE(list_backups(folder()).or_raise().empty());
  for (const auto& left : std::filesystem::directory_iterator{folder()})
    EXPECT_EQ(left.path().filename(), "tidemark.lock") << "a part of a backup";
  EXPECT_TRUE(storage_->backup(wish(1))) << "and is not in the way of the next one";
}

TEST_F(Backup, IsRestoredOverAnotherDirectoryOnlyWhenTold) {
  commit(100);
  const auto made = storage_->backup(wish(0)).or_raise();
  commit(50);
  const RestoreWish refused{.from = made.path, .data = data() + "/", .now = moment(7)};
  EXPECT_EQ(restore_backup(refused).error().code, ErrorCode::already_exists);
  RestoreWish told = refused;
  told.replace = true;
  EXPECT_EQ(restore_backup(told).error().code, ErrorCode::in_use);
  storage_.reset();
  const auto done = restore_backup(told).or_raise();
  EXPECT_EQ(commits_in(*Storage::open({.path = data()}).or_raise()), 100u);
  EXPECT_EQ(commits_in(*Storage::open({.path = done.put_aside}).or_raise()), 150u);
}

TEST_F(Backup, ThatCannotTakeItsPlaceLeavesTheDirectoryAsItWas) {
  commit(100);
  const auto made = storage_->backup(wish(0)).or_raise();
  commit(50);
  storage_.reset();
  std::filesystem::create_directories(data() + ".before-restore-" + time_in_name(moment(7)) + "/taken");
  EXPECT_FALSE(restore_backup({.from = made.path, .data = data(), .replace = true, .now = moment(7)}));
  EXPECT_EQ(commits_in(*Storage::open({.path = data()}).or_raise()), 150u);
}

TEST_F(Backup, IsTheNewestThoughTheClockWasSetBack) {
  commit(10);
  const auto before = storage_->backup(wish(3600)).or_raise();
  commit(10);
  auto set_back = wish(0);
  set_back.keep = 1;
  const auto made = storage_->backup(set_back).or_raise();
  EXPECT_GT(made.path, before.path);
  EXPECT_FALSE(std::filesystem::exists(before.path));
  EXPECT_EQ(commits_in(*restored(made.path)), 20u);
}

TEST_F(Backup, OfARestoredDirectoryIsAsGood) {
  commit(1000);
  const auto first = storage_->backup(wish(0)).or_raise();
  storage_.reset();
  restore_backup({.from = first.path, .data = data(), .replace = true, .now = moment(5)}).or_raise();
  open();
  commit(1000);
  const auto second = storage_->backup(wish(1)).or_raise();
  EXPECT_EQ(commits_in(*restored(second.path)), 2000u);
}

}  // namespace
}  // namespace tidemark::storage
