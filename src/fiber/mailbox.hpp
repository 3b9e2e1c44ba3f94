// Mailbox: what other threads want a loop to run. Outlives the loop for those who hold it, and then takes nothing.
#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

#include "fiber/task.hpp"

namespace tidemark::fiber {

class Mailbox {
 public:
  // Any thread. Wakes the loop if it sleeps and nobody has woken it yet. Dropped when closed.
  void post(Task task);
  // Any thread. May miss what is being posted at this moment.
  bool filled() const noexcept { return filled_.load(std::memory_order_acquire); }

  // The loop's thread: swaps what has come into `tasks`, which must be empty.
  void take(std::vector<Task>& tasks);
  // False when something has come; after true, the next post calls the wake-up.
  bool prepare_sleep();
  void end_sleep();
  void set_wake_up(std::function<void()> wake_up);
  // Takes nothing from here on; destroys what has come, and the wake-up.
  void close();

 private:
  std::mutex mutex_;
  std::vector<Task> tasks_;
  std::function<void()> wake_up_;
  bool sleeping_ = false;
  bool closed_ = false;
  std::atomic<bool> filled_ = false;
};

}  // namespace tidemark::fiber
