// HandOvers: what this process remembers of what it was handed: with which groups its session is noted, so that a clean
// end can take it back there, and which fetches got no answer, so that the next one gets what they were handed.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "store/store.hpp"

namespace tidemark::store {

// All calls on any thread.
class HandOvers {
 public:
  // To be called before each hand-over.
  void note_session(std::string_view topic, std::string_view group);
  // Topic and group of all that were noted.
  std::vector<std::pair<std::string, std::string>> sessions() const;

  // The token of a fetch whose answer got lost.
  void note_lost(const Subscription& by, std::uint64_t token);
  // Gives all of them, once.
  std::vector<std::uint64_t> take_lost(const Subscription& by);

 private:
  using Reader = std::tuple<std::string, std::string, std::string>;

  mutable std::mutex mutex_;
  std::set<std::pair<std::string, std::string>, std::less<>> sessions_;
  std::atomic<std::size_t> lost_count_ = 0;  // so that a fetch needs no lock
  std::vector<std::pair<Reader, std::uint64_t>> lost_;
};

}  // namespace tidemark::store
