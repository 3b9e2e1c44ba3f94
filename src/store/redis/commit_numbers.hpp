// CommitNumbers: numbers the commits of this session in each partition, so that one whose answer got lost can be
// recognised when it is sent again.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>

#include "base/clock.hpp"
#include "model/partition.hpp"

namespace tidemark::store {

// Any thread.
class CommitNumbers {
 public:
  struct Number {
    std::uint64_t value = 0;
    bool extends = false;  // the session's record is to live on from here
  };
  Number next(const model::Partition& partition, Instant now);
  // A commit of the partition was answered, so the server has a record of the session.
  void note_recorded(const model::Partition& partition);
  bool is_recorded(const model::Partition& partition) const;

 private:
  struct Counted {
    std::uint64_t last = 0;
    Instant extended{};
    bool recorded = false;
  };
  mutable std::mutex mutex_;
  std::map<model::Partition, Counted> partitions_;
};

// How long a session's record lives after it was extended, and how often that is done at least, while commits go on.
// What is sent again is so within seconds.
constexpr Duration SESSION_LIVES{3'600'000};         // an hour
constexpr Duration SESSION_EXTENDED_AFTER{600'000};  // ten minutes

}  // namespace tidemark::store
