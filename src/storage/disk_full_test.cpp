// A full disk keeps sorted files from being written. Nothing that was committed may be lost by that, and the storage
// says so until there is room.
#include <gtest/gtest.h>
#include <thread>

#include "storage/full_disk.hpp"
#include "storage/storage.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::storage {
namespace {

TEST(FullDisk, RefusesForAsLongAsItLastsAndLosesNothing) {
  const TestDirectory directory;
  FullDisk disk;
  const Options options{.path = directory.path(), .write_buffer_bytes = 64 << 10, .env = &disk.env()};
  const std::string value(1000, 'x');
  std::uint64_t committed = 0;
  const auto commit = [&](Storage& storage, int times) {
    const FullDisk::Commits made{disk};
    for (; times > 0; --times) {
      Batch batch;
      batch.put("key" + std::to_string(committed++), value);
      storage.commit(batch);
    }
  };
  {
    const auto storage = Storage::open(options).or_raise();
    EXPECT_TRUE(storage->writable());
    disk.fill();
    commit(*storage, 70);  // the first switch of the log meets the full disk in the background
    while (storage->writable()) std::this_thread::yield();
    EXPECT_EQ(storage->writable().error().code, ErrorCode::disk_full);
    EXPECT_EQ(storage->writable().error().about, directory.path());
    storage->wait_durable(storage->sequenced());
    std::string found;
    for (std::uint64_t i = 0; i < committed; ++i) EXPECT_TRUE(storage->get("key" + std::to_string(i), found).value());

    disk.make_room();
    while (!storage->writable()) std::this_thread::yield();
    commit(*storage, 200);
    storage->wait_durable(storage->sequenced());
  }
  const auto storage = Storage::open(options).or_raise();
  std::string found;
  for (std::uint64_t i = 0; i < committed; ++i)
    EXPECT_TRUE(storage->get("key" + std::to_string(i), found).value()) << i;
}

TEST(FullDisk, LosesNothingWhenTheProcessStopsMeanwhile) {
  const TestDirectory directory;
  FullDisk disk;
  const Options options{.path = directory.path(), .write_buffer_bytes = 64 << 10, .env = &disk.env()};
  {
    const auto storage = Storage::open(options).or_raise();
    disk.fill();
    {
      const FullDisk::Commits made{disk};
      for (int i = 0; i < 70; ++i) {
        Batch batch;
        batch.put("key" + std::to_string(i), std::string(1000, 'x'));
        storage->commit(batch);
      }
    }
    while (storage->writable()) std::this_thread::yield();
  }
  const auto refused = Storage::open(options);
  ASSERT_FALSE(refused) << "what the log holds must go to a sorted file first";
  EXPECT_EQ(refused.error().code, ErrorCode::disk_full) << refused.error().text();
  disk.make_room();
  const auto storage = Storage::open(options).or_raise();
  std::string found;
  for (int i = 0; i < 70; ++i) EXPECT_TRUE(storage->get("key" + std::to_string(i), found).value()) << i;
}

}  // namespace
}  // namespace tidemark::storage
