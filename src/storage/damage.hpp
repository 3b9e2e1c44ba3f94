// Damage: the first thing that a read found damaged, for whoever watches over the process. Any thread.
#pragma once
#include <atomic>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace rocksdb {
class Status;
}

namespace tidemark::storage {

class Damage {
 public:
  void note(const std::string& what) {
    const std::lock_guard lock{mutex_};
    if (found_) return;
    what_ = what;
    found_ = true;
  }
  // The failure of a read, noted if it is of this kind. Which file is damaged is looked for once: that opens them all.
  Failure failure_of_read(const rocksdb::Status& status, std::string_view doing, const std::string& path);
  bool found() const noexcept { return found_; }  // costs an atomic load
  std::string what() const {
    const std::lock_guard lock{mutex_};
    return what_;
  }

 private:
  mutable std::mutex mutex_;
  std::string what_;
  std::atomic<bool> found_{false};
};

}  // namespace tidemark::storage
