// Local: what a RedisStore has on one I/O thread.
#pragma once
#include <memory>

#include "store/redis/server.hpp"

namespace tidemark::store {

class Arrivals;  // the blocking reads that wake whoever waits for entries

struct Local {
  Local(fiber::IoThread& thread, Shared& shared);
  ~Local();

  Server server;
  std::unique_ptr<Arrivals> arrivals;
};

}  // namespace tidemark::store
