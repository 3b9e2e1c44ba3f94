#include "storage/storage.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "storage/test_directory.hpp"

namespace tidemark::storage {
namespace {

class StorageTest : public testing::Test {
 protected:
  std::unique_ptr<Storage> open(Durability durability = {}) {
    return Storage::open({.path = directory_.path(), .durability = durability}).or_raise();
  }
  static Lsn put(Storage& storage, std::string_view key, std::string_view value) {
    Batch batch;
    batch.put(key, value);
    return storage.commit(batch);
  }
  static std::string get(const Storage& storage, std::string_view key) {
    std::string value;
    return storage.get(key, value).value() ? value : "(absent)";
  }

  TestDirectory directory_;
};

TEST_F(StorageTest, ShowsACommitAtOnce) {
  const auto storage = open();
  put(*storage, "tide", "high");
  EXPECT_EQ(get(*storage, "tide"), "high");
  EXPECT_EQ(get(*storage, "ebb"), "(absent)");
}

TEST_F(StorageTest, GivesRisingLsnsAndNoneForAnEmptyBatch) {
  const auto storage = open();
  Lsn last = storage->sequenced();
  for (int i = 0; i < 100; ++i) {
    const Lsn lsn = put(*storage, "key" + std::to_string(i % 7), "value");
    EXPECT_GT(lsn, last);
    EXPECT_EQ(storage->sequenced(), lsn);
    last = lsn;
  }
  Batch empty;
  EXPECT_EQ(storage->commit(empty), last);
}

TEST_F(StorageTest, MovesTheTidemarkToWhatWasWaitedFor) {
  const auto storage = open();
  const Lsn lsn = put(*storage, "a", "1");
  storage->wait_durable(lsn);
  EXPECT_GE(storage->durable(), lsn);
  EXPECT_GE(storage->statistics().sync_seconds.count(), 1u);
}

TEST_F(StorageTest, TellsTheListenerOfEveryLsnInRisingOrder) {
  const auto storage = open();
  std::atomic<std::uint64_t> heard{0};
  std::atomic<bool> rising{true};
  storage->on_durable([&](Lsn tidemark) {
    if (tidemark.value <= heard) rising = false;
    heard = tidemark.value;
    heard.notify_all();
  });
  Lsn last;
  for (int i = 0; i < 50; ++i) last = put(*storage, "key", std::to_string(i));
  for (auto seen = heard.load(); seen < last.value; seen = heard.load()) heard.wait(seen);
  EXPECT_EQ(heard, last.value);
  EXPECT_TRUE(rising);
}

TEST_F(StorageTest, KeepsEverythingOverARestart) {
  Lsn last;
  {
    const auto storage = open();
    for (int i = 0; i < 1000; ++i) last = put(*storage, "key" + std::to_string(i), std::to_string(i));
  }
  const auto storage = open();
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(get(*storage, "key" + std::to_string(i)), std::to_string(i));
  EXPECT_EQ(storage->durable(), last) << "what a start finds is durable";
  EXPECT_GT(put(*storage, "more", ""), last) << "and its LSNs go on";
}

TEST_F(StorageTest, CountsWhatIsSequencedAsDurableUnlessItSyncsAlways) {
  for (const char* text : {"never", "interval=3600000"}) {
    const auto storage = open(Durability::parse(text).value());
    const Lsn lsn = put(*storage, "a", text);
    EXPECT_EQ(storage->durable(), lsn) << text;
    EXPECT_EQ(storage->statistics().sync_seconds.count(), 0u) << text;
  }
  EXPECT_EQ(get(*open(), "a"), "interval=3600000");
}

TEST_F(StorageTest, SyncsByItselfAfterTheInterval) {
  const auto storage = open(Durability::parse("interval=1").value());
  put(*storage, "a", "1");
  while (storage->statistics().sync_seconds.count() == 0) std::this_thread::yield();
}

TEST_F(StorageTest, ReadsAndSyncsWhileAnotherThreadCommits) {
  const auto storage = open();
  constexpr int COMMITS = 2000;
  std::vector<std::thread> readers;
  std::atomic<bool> done{false};
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        storage->wait_durable(storage->sequenced());
        // Both keys are of one batch, so no cursor sees one without the other.
        Cursor cursor = storage->cursor("a", "c");
        cursor.seek_first();
        if (!cursor.valid()) continue;
        const std::string first{cursor.value()};
        cursor.next();
        EXPECT_TRUE(cursor.valid());
        EXPECT_EQ(first, cursor.value());
      }
    });
  }
  Batch batch;
  for (int i = 0; i < COMMITS; ++i) {
    batch.clear();
    batch.put("a", std::to_string(i));
    batch.put("b", std::to_string(i));
    storage->commit(batch);
  }
  done = true;
  for (auto& reader : readers) reader.join();
  const Statistics statistics = storage->statistics();
  EXPECT_EQ(statistics.commits, static_cast<std::uint64_t>(COMMITS));
  EXPECT_LE(statistics.sync_seconds.count(), statistics.commits);
}

TEST_F(StorageTest, ReportsItsFiguresAndTheDisk) {
  const auto storage = open();
  storage->wait_durable(put(*storage, "a", "1"));
  const Statistics statistics = storage->statistics();
  EXPECT_EQ(statistics.commits, 1u);
  EXPECT_EQ(statistics.sequenced, storage->sequenced());
  EXPECT_EQ(statistics.durable, storage->sequenced());
  EXPECT_GT(statistics.disk_free_bytes, 0u);
  EXPECT_GT(statistics.disk_used_bytes, 0u);
  EXPECT_TRUE(storage->writable());
}

TEST_F(StorageTest, ReclaimsOnlyWhatWasErased) {
  const auto storage = open();
  for (int i = 100; i < 200; ++i) put(*storage, "key" + std::to_string(i), "value");
  Batch batch;
  batch.erase_range("key100", "key150");
  storage->commit(batch);
  storage->reclaim("key100", "key150");
  EXPECT_EQ(get(*storage, "key149"), "(absent)");
  EXPECT_EQ(get(*storage, "key150"), "value");
}

}  // namespace
}  // namespace tidemark::storage
