// TopicNames: which topics there are. Redis has no list of its streams, so declared topics are members of a set, and so
// are those that this process has published to; whether a name's stream still exists is for its reader to see.
#pragma once
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tidemark::store {

class Server;

// All calls on any thread; those that take a server on a fiber of its thread.
class TopicNames {
 public:
  // A topic was declared, with something to be dropped of it or not. Known to everybody when it returns.
  Result<void> note(Server& server, std::string_view topic, bool has_retention);
  // Those of everybody, sorted. What this process has published to is known to everybody from then on.
  Result<std::vector<std::string>> all(Server& server);

  // Everybody is told of each again.
  void forget_announced();

  // Those that retention must be looked after for; all() finds those of other processes.
  std::vector<std::string> with_retention() const;
  void has_no_retention(std::string_view topic);
  // Something may be dropped of this topic now that was held back before.
  void note_released(std::string_view topic);
  // Those of with_retention() that were noted since the last call.
  std::vector<std::string> take_released();

 private:
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> announced_;  // everybody knows of them
  std::set<std::string, std::less<>> with_retention_, released_;
};

}  // namespace tidemark::store
