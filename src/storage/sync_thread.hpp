// SyncThread: moves the tidemark. It syncs the log for all that was sequenced meanwhile (group commit) while the next
// commits are being sequenced, then announces the new tidemark.
//
// Invariants: synced <= durable <= sequenced; each only rises. With Mode::always, durable is synced; with the other
// modes, durable is sequenced.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "base/distribution.hpp"
#include "base/lsn.hpp"
#include "storage/storage.hpp"

namespace tidemark::storage {

class SyncThread {
 public:
  // Makes the log durable at least up to that LSN, or does not return.
  using SyncLog = std::function<void(Lsn up_to)>;

  // Starts the thread. Everything up to `start` is durable already.
  SyncThread(Durability durability, Lsn start, SyncLog sync_log);
  ~SyncThread();  // stops it
  SyncThread(const SyncThread&) = delete;
  SyncThread& operator=(const SyncThread&) = delete;

  // Syncs what was sequenced, announces it, and ends the thread. Repeatable.
  void stop();

  // The commit of this LSN is in the log. Calls are ordered by the caller. Makes a system call only when the thread
  // sleeps and has waited for this one.
  void note_sequenced(Lsn lsn);
  // Hears of each announcement from now on. Any thread but this one.
  void on_durable(std::function<void(Lsn)> listener);
  void wait_durable(Lsn lsn);  // any thread but this one; of a commit that is at least being written

  Lsn sequenced() const noexcept { return Lsn{sequenced_.load()}; }
  Lsn durable() const noexcept { return Lsn{durable_.load()}; }
  // Since the start; any thread:
  std::uint64_t commits() const noexcept { return commits_.load(std::memory_order_relaxed); }
  Distribution sync_seconds() const { return sync_seconds_.look(); }
  Distribution sync_commits() const { return sync_commits_.look(); }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  void run();
  void sleep_until_needed();
  bool sync_is_due() const;
  void gather();
  void sync(Lsn up_to);
  void announce(Lsn up_to);

  const Durability durability_;
  const SyncLog sync_log_;
  std::atomic<std::uint64_t> sequenced_, durable_;
  std::atomic<std::uint64_t> commits_{0};  // noted
  DistributionCounter sync_seconds_, sync_commits_;
  std::atomic<std::uint64_t> wake_at_;  // the thread sleeps until this LSN is sequenced
  std::atomic<bool> stopping_{false};
  std::uint64_t synced_, announced_;  // of the thread alone
  std::uint64_t last_group_ = 0;      // of the thread alone: how many LSNs the last sync covered
  std::uint64_t synced_commits_ = 0;  // of the thread alone
  SteadyTime next_sync_;              // of the thread alone; for Mode::interval

  std::mutex listener_mutex_;  // guards `listener_`, also while it runs
  std::function<void(Lsn)> listener_;

  std::mutex mutex_;  // guards the two sleeps, not the numbers
  std::condition_variable wake_;
  std::condition_variable moved_;
  std::atomic<int> blocked_{0};  // threads in wait_durable()
  std::thread thread_;
};

}  // namespace tidemark::storage
