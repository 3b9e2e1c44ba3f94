// What the embedded store promises beyond the port; the port's promises are tested in tests/conformance.
#include "store/embedded/embedded_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fiber/fiber.hpp"
#include "fiber/io_thread.hpp"
#include "fiber/loop.hpp"
#include "storage/test_directory.hpp"

namespace tidemark::store {
namespace {

class EmbeddedStoreTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open(std::string_view durability = "always", std::uint64_t disk_reserve_bytes = 0) {
    return EmbeddedStore::open({.path = directory_.path(),
                                .durability = storage::Durability::parse(durability).value(),
                                .disk_reserve_bytes = disk_reserve_bytes})
        .or_raise();
  }
  static model::Commit publication(bool refusable = false) {
    model::Commit commit{.partition = {"test", 0}, .refusable = refusable};
    commit.publications.push_back({.topic = "topic"});
    commit.publications.back().fields.add("name", "value");
    return commit;
  }

  storage::TestDirectory directory_;
  fiber::IoThread thread_{"test"};
};

TEST_F(EmbeddedStoreTest, SaysWhatAPowerLossMayTake) {
  EXPECT_TRUE(open("always")->durability().loses_nothing);
  EXPECT_FALSE(open("interval=250")->durability().loses_nothing);
  EXPECT_THAT(open("interval=250")->durability().summary, testing::HasSubstr("250 ms"));
  EXPECT_FALSE(open("never")->durability().loses_nothing);
}

TEST_F(EmbeddedStoreTest, BelowTheReserveRefusesEndpointsAndDrainsHandlers) {
  const auto store = open("never", UINT64_MAX);
  thread_.run("commits", [&] {
    const auto refused = store->commit(publication(true));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::disk_full);
    EXPECT_TRUE(store->commit(publication(false)));
  });
  EXPECT_FALSE(store->health().ready);
  EXPECT_THAT(store->health().reason, testing::HasSubstr("reserve"));
}

TEST_F(EmbeddedStoreTest, CountsItsCommitsAndSyncs) {
  const auto store = open();
  thread_.run("commits", [&] { ASSERT_TRUE(store->wait_durable(store->commit(publication()).value().lsn)); });
  EXPECT_TRUE(store->health().ready);
  const auto metrics = store->metrics();
  const auto metric_of = [&](std::string_view name) {
    const auto found = std::ranges::find(metrics, name, &Metric::name);
    EXPECT_NE(found, metrics.end()) << "no metric " << name;
    return found == metrics.end() ? Metric{} : *found;
  };
  const auto value_of = [&](std::string_view name) { return metric_of(name).value; };
  EXPECT_EQ(value_of("tidemark_store_commits_total"), 1);
  EXPECT_EQ(value_of("tidemark_store_entries_appended_total"), 1);
  const auto sync_commits = metric_of("tidemark_store_sync_commits").distribution.value_or(Distribution{});
  EXPECT_GE(sync_commits.count(), 1u);
  EXPECT_EQ(metric_of("tidemark_store_sync_seconds").distribution.value_or(Distribution{}).count(),
            sync_commits.count());
  EXPECT_EQ(value_of("tidemark_store_tidemark_lsn"), value_of("tidemark_store_sequenced_lsn"));
  EXPECT_GT(value_of("tidemark_store_disk_free_bytes"), 0);
  for (const auto& metric : metrics) {
    EXPECT_TRUE(metric.name.starts_with("tidemark_store_")) << metric.name;
    EXPECT_EQ(metric.name.ends_with("_total"), metric.counter) << metric.name;
    EXPECT_FALSE(metric.help.empty()) << metric.name;
  }
}

TEST_F(EmbeddedStoreTest, SyncsTogetherWhatManyFibersWaitFor) {
  const auto store = open();
  fiber::IoThread other{"other"};
  std::atomic<int> durable{0};
  constexpr int FIBERS = 50, COMMITS = 20;
  for (auto* thread : {&thread_, &other}) {
    thread->loop().post([&, thread] {
      for (int i = 0; i < FIBERS; ++i) {
        thread->loop().spawn("commits", [&] {
          for (int commit = 0; commit < COMMITS; ++commit) {
            const Lsn lsn = store->commit(publication()).value().lsn;
            ASSERT_TRUE(store->wait_durable(lsn));
            EXPECT_TRUE(store->is_durable(lsn));
          }
          ++durable;
          durable.notify_all();
        });
      }
    });
  }
  for (int seen = durable; seen < 2 * FIBERS; seen = durable) durable.wait(seen);
  const auto metrics = store->metrics();
  const auto sizes = std::ranges::find(metrics, "tidemark_store_sync_commits", &Metric::name);
  ASSERT_NE(sizes, metrics.end());
  EXPECT_LT(sizes->distribution->count(), 2 * FIBERS * COMMITS);
  EXPECT_GE(sizes->distribution->sum, 2 * FIBERS * COMMITS);
}

TEST_F(EmbeddedStoreTest, SaysHowFarABackupIsWhileItIsMade) {
  const auto store = open("never");
  std::optional<BackupProgress> underway;
  BackupMade made;
  thread_.run("backup", [&] {
    EXPECT_FALSE(store->backup_underway());
    thread_.loop().spawn("look", [&] { underway = store->backup_underway(); });
    made = store->backup({}).or_raise();  // suspends this fiber, so that the other one looks
    EXPECT_FALSE(store->backup_underway());
  });
  ASSERT_TRUE(underway);
  EXPECT_LE(underway->done_bytes, underway->bytes);
  EXPECT_LE(underway->bytes, made.bytes);
}

// One by one, where some were erased: an I/O thread has other work meanwhile.
TEST_F(EmbeddedStoreTest, CountsManyEntriesInSteps) {
  constexpr std::uint64_t COUNT = 5'000;
  const auto store = open("never");
  thread_.run("count", [&] {
    auto many = publication();
    while (many.publications.size() < COUNT) many.publications.push_back(many.publications.front());
    const auto ids = store->commit(many).value().published;
    ASSERT_EQ(store->erase_entries("topic", std::span{&ids[COUNT / 2], 1}).value(), 1u);
    std::uint64_t turns = 0;
    auto other = fiber::Loop::current()->spawn("other", [&] {
      for (;; ++turns) this_fiber::yield();
    });
    const auto all = store->count_entries("topic", StreamId::min(), StreamId::max(), COUNT).value();
    EXPECT_GE(turns, 3u);
    other.cancel();
    other.join();
    EXPECT_EQ(all.count, COUNT - 1);
    EXPECT_TRUE(all.is_exact);
    for (const std::uint64_t at_most : {1u, 1'000u, 1'500u, 4'998u}) {
      const auto some = store->count_entries("topic", StreamId::min(), StreamId::max(), at_most).value();
      EXPECT_EQ(some.count, at_most);
      EXPECT_FALSE(some.is_exact);
    }
  });
}

}  // namespace
}  // namespace tidemark::store
