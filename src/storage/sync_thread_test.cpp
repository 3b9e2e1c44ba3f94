#include "storage/sync_thread.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tidemark::storage {
namespace {

// A log whose sync takes as long as the test wants.
class SlowLog {
 public:
  void sync(Lsn up_to) {
    std::unique_lock lock{mutex_};
    asked_.push_back(up_to);
    changed_.notify_all();
    changed_.wait(lock, [&] { return allowed_ > 0; });
    --allowed_;
  }
  void allow(int syncs) {
    const std::lock_guard lock{mutex_};
    allowed_ += syncs;
    changed_.notify_all();
  }
  void wait_until_asked(std::size_t times) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return asked_.size() >= times; });
  }
  std::vector<Lsn> asked() {
    const std::lock_guard lock{mutex_};
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Lsn> asked_;
  int allowed_ = 0;
};

TEST(SyncThread, SyncsTogetherWhatWasSequencedDuringASync) {
  SlowLog log;
  SyncThread thread{{}, Lsn{10}, [&](Lsn up_to) { log.sync(up_to); }};
  thread.note_sequenced(Lsn{11});
  log.wait_until_asked(1);
  for (std::uint64_t lsn = 12; lsn <= 20; ++lsn) thread.note_sequenced(Lsn{lsn});
  EXPECT_EQ(thread.durable(), Lsn{10}) << "nothing is durable before its sync has ended";
  log.allow(2);
  thread.wait_durable(Lsn{20});
  EXPECT_EQ(log.asked(), (std::vector{Lsn{11}, Lsn{20}}));
  EXPECT_EQ(thread.durable(), Lsn{20});
}

TEST(SyncThread, TellsHowManyCommitsEachSyncMadeDurableAndHowLongItTook) {
  SlowLog log;
  SyncThread thread{{}, Lsn{10}, [&](Lsn up_to) { log.sync(up_to); }};
  thread.note_sequenced(Lsn{15});  // a commit of five keys
  log.wait_until_asked(1);
  for (std::uint64_t lsn = 16; lsn <= 18; ++lsn) thread.note_sequenced(Lsn{lsn});
  EXPECT_EQ(thread.sync_commits().count(), 0u);
  log.allow(2);
  thread.wait_durable(Lsn{18});
  EXPECT_EQ(thread.commits(), 4u);
  const auto commits = thread.sync_commits();
  EXPECT_EQ(commits.count(), 2u);
  EXPECT_EQ(commits.sum, 4);
  EXPECT_EQ(commits.cumulative[0], 1u) << "one commit in the first sync";
  EXPECT_EQ(thread.sync_seconds().count(), 2u);
  EXPECT_GT(thread.sync_seconds().sum, 0);
}

TEST(SyncThread, SyncsWhatIsLeftWhenItStops) {
  SlowLog log;
  log.allow(10);
  for (const auto mode : {Durability::Mode::always, Durability::Mode::interval, Durability::Mode::never}) {
    const Durability durability{.mode = mode, .interval = std::chrono::hours{1}};
    std::uint64_t synced = 0;
    {
      SyncThread thread{durability, Lsn{}, [&](Lsn up_to) { synced = up_to.value; }};
      thread.note_sequenced(Lsn{3});
    }
    EXPECT_EQ(synced, 3u);
  }
}

TEST(SyncThread, LosesNoWakeUp) {
  std::uint64_t synced = 0;
  SyncThread thread{{}, Lsn{}, [&](Lsn up_to) { synced = up_to.value; }};
  for (std::uint64_t lsn = 1; lsn <= 20'000; ++lsn) {
    thread.note_sequenced(Lsn{lsn});
    if (lsn % 2 == 0) thread.wait_durable(Lsn{lsn});  // so that the thread falls asleep again and again
  }
  thread.stop();
  EXPECT_EQ(synced, 20'000u);
}

TEST(SyncThread, LosesNoWakeUpWhileItWaitsForCompany) {
  std::uint64_t synced = 0;
  SyncThread thread{{}, Lsn{}, [&](Lsn up_to) { synced = up_to.value; }};
  constexpr std::uint64_t STEPS[] = {100, 100, 60, 1, 40, 99};  // as many as before, fewer, one alone
  std::uint64_t lsn = 0;
  for (int round = 0; round < 2'000; ++round) {
    const auto commits = STEPS[round % std::size(STEPS)];
    for (std::uint64_t i = 0; i < commits; ++i) thread.note_sequenced(Lsn{++lsn});
    thread.wait_durable(Lsn{lsn});
    EXPECT_GE(thread.durable(), Lsn{lsn});
  }
  thread.stop();
  EXPECT_EQ(synced, lsn);
}

TEST(SyncThread, TakesAListenerWhileItWorks) {
  SyncThread thread{{}, Lsn{}, [](Lsn) {}};
  std::atomic<std::uint64_t> heard{0};
  for (std::uint64_t lsn = 1; lsn <= 1000; ++lsn) {
    thread.note_sequenced(Lsn{lsn});
    if (lsn == 500) thread.on_durable([&](Lsn tidemark) { heard = tidemark.value; });
  }
  thread.stop();
  EXPECT_EQ(heard, 1000u);
}

TEST(SyncThreadDeathTest, RefusesAnLsnThatDoesNotRise) {
  EXPECT_DEATH(
      {
        SyncThread thread({}, Lsn{5}, [](Lsn) {});
        thread.note_sequenced(Lsn{5});
      },
      "LSN 5 was given out after 5");
}

}  // namespace
}  // namespace tidemark::storage
