#include "storage/sync_thread.hpp"

#include <pthread.h>

#include <limits>
#include <utility>

namespace tidemark::storage {
namespace {

// Where so many LSNs, one for each key written, came while the last sync ran, as many will come soon: then a sync waits
// for them, but not for longer than this, which is less than it takes itself on most disks. So many clients at once
// share fewer syncs; one client alone waits only after a commit of so many keys.
constexpr std::uint64_t CROWD = 32;
constexpr std::chrono::microseconds GATHER_FOR{150};
// While the thread sleeps until there is anything to do, and while it doesn't.
constexpr std::uint64_t ANY = 0, NEVER = std::numeric_limits<std::uint64_t>::max();

// Bounds of the buckets: of seconds, from a disk with a cache that survives power failures to one in trouble; of
// commits in one sync.
std::vector<double> second_bounds() {
  return {25e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1, 2.5, 10};
}
std::vector<double> commit_bounds() { return {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096}; }

}  // namespace

SyncThread::SyncThread(Durability durability, Lsn start, SyncLog sync_log)
    : durability_{durability},
      sync_log_{std::move(sync_log)},
      sequenced_{start.value},
      durable_{start.value},
      sync_seconds_{second_bounds()},
      sync_commits_{commit_bounds()},
      wake_at_{NEVER},
      synced_{start.value},
      announced_{start.value},
      next_sync_{std::chrono::steady_clock::now() + durability.interval},
      thread_{[this] { run(); }} {
  ::pthread_setname_np(thread_.native_handle(), "tidemark-sync");
}

SyncThread::~SyncThread() { stop(); }

void SyncThread::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void SyncThread::note_sequenced(Lsn lsn) {
  TIDEMARK_ASSERT(lsn > sequenced(), "LSN ", lsn, " was given out after ", sequenced());
  commits_.fetch_add(1, std::memory_order_relaxed);
  sequenced_ = lsn.value;
  if (durability_.mode != Durability::Mode::always) durable_ = lsn.value;
  // Sequentially consistent on both sides: either the thread sees the new number before it sleeps, or we see that it
  // sleeps. The first to see it wakes it; the others save the system call.
  if (lsn.value >= wake_at_ && wake_at_.exchange(NEVER) != NEVER) {
    { const std::lock_guard lock{mutex_}; }
    wake_.notify_one();
  }
}

void SyncThread::on_durable(std::function<void(Lsn)> listener) {
  const std::lock_guard lock{listener_mutex_};
  listener_ = std::move(listener);
}

void SyncThread::wait_durable(Lsn lsn) {
  if (durable() >= lsn) return;
  ++blocked_;
  {
    std::unique_lock lock{mutex_};
    moved_.wait(lock, [&] { return durable() >= lsn; });
  }
  --blocked_;
}

void SyncThread::run() {
  for (;;) {
    sleep_until_needed();
    gather();
    const bool last_round = stopping_;
    const Lsn up_to = sequenced();
    if (up_to.value > synced_ && (last_round || sync_is_due())) sync(up_to);
    if (up_to.value > announced_) announce(up_to);
    if (last_round) return;
  }
}

void SyncThread::sleep_until_needed() {
  const auto needed = [this] {
    return stopping_ || sequenced_ > announced_ || (sequenced_ > synced_ && sync_is_due());
  };
  if (needed()) return;
  std::unique_lock lock{mutex_};
  for (;;) {
    wake_at_ = ANY;
    if (needed()) break;
    if (durability_.mode == Durability::Mode::interval && sequenced_ > synced_) {
      wake_.wait_until(lock, next_sync_);
    } else {
      wake_.wait(lock);
    }
  }
  wake_at_ = NEVER;
}

void SyncThread::gather() {
  if (durability_.mode != Durability::Mode::always || last_group_ < CROWD) return;
  const auto wanted = synced_ + last_group_;
  const auto gathered = [&] { return stopping_ || sequenced_ >= wanted; };
  if (gathered()) return;
  std::unique_lock lock{mutex_};
  wake_at_ = wanted;
  wake_.wait_for(lock, GATHER_FOR, gathered);
  wake_at_ = NEVER;
}

bool SyncThread::sync_is_due() const {
  switch (durability_.mode) {
    case Durability::Mode::always: return true;
    case Durability::Mode::interval: return std::chrono::steady_clock::now() >= next_sync_;
    case Durability::Mode::never: return false;
  }
  return true;
}

void SyncThread::sync(Lsn up_to) {
  const std::uint64_t commits = this->commits();  // up to `up_to`, and what came just now
  const SteadyTime begin = std::chrono::steady_clock::now();
  sync_log_(up_to);
  const SteadyTime end = std::chrono::steady_clock::now();
  last_group_ = up_to.value - synced_;
  synced_ = up_to.value;
  next_sync_ = end + durability_.interval;
  sync_commits_.add(static_cast<double>(commits - synced_commits_));
  synced_commits_ = commits;
  sync_seconds_.add(std::chrono::duration<double>(end - begin).count());
}

void SyncThread::announce(Lsn up_to) {
  announced_ = up_to.value;
  if (durability_.mode == Durability::Mode::always) durable_ = up_to.value;
  if (blocked_ > 0) {
    { const std::lock_guard lock{mutex_}; }
    moved_.notify_all();
  }
  const std::lock_guard lock{listener_mutex_};
  if (listener_) listener_(up_to);
}

}  // namespace tidemark::storage
