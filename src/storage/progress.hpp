// How far work is that reads or writes many bytes, for whoever waits for it.
#pragma once
#include <cstdint>
#include <functional>

namespace tidemark::storage {

// `done` of `of`: bytes, or records. Called on the thread that works, about once for each MiB; empty: nobody looks.
using OnProgress = std::function<void(std::uint64_t done, std::uint64_t of)>;

// Adds up what was done of one work.
class Work {
 public:
  // The listener outlives it.
  Work(const OnProgress& listener, std::uint64_t of) : listener_{listener}, of_{of} {}

  void add(std::uint64_t more) {
    done_ += more;
    if (listener_) listener_(done_, of_);
  }

 private:
  const OnProgress& listener_;
  const std::uint64_t of_;
  std::uint64_t done_ = 0;
};

}  // namespace tidemark::storage
