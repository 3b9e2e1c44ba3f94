// Arrivals: how the fibers of one thread learn of entries that other processes add, without asking again and again. A
// connection of its own stands in a blocking XREAD of all streams that somebody waits for (on a cluster, one connection
// for each slot, since one command may not name more), above the ids that they know; what it reports wakes them through
// EntryWaiters. A stream that joins ends the read that is going on (CLIENT UNBLOCK).
//
// Both are done at most once in a tick of the loop, so that a busy process, whose own commits wake its waiters anyway,
// spends next to nothing on it.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/stream_id.hpp"
#include "fiber/task_group.hpp"

namespace tidemark::store {

class EntryWaiters;
class Server;

class Arrivals {
 public:
  // All calls on the thread of the server, which must outlive it.
  explicit Arrivals(Server& server);
  // On a fiber, unless the thread has ended.
  ~Arrivals();
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;

  // From now on, and for as long as somebody waits for the topic (EntryWaiters), an entry above that id wakes them.
  void cover(std::string_view topic, StreamId above);

 private:
  class Reader;

  Server& server_;
  std::map<std::uint32_t, std::unique_ptr<Reader>> readers_;  // by slot; on one server there is only 0
  fiber::TaskGroup tasks_;
};

}  // namespace tidemark::store
