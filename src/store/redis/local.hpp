// Local: what a RedisStore has on one I/O thread.
#pragma once
#include <memory>

#include "store/redis/server.hpp"
#include "store/redis/settings.hpp"

namespace tidemark::store {

class Arrivals;     // the blocking reads that wake whoever waits for entries
class Replication;  // the waits for replicas, where the URL asks for them
class Outboxes;     // on a cluster: what is on its way to topics that stand elsewhere

struct Local {
  Local(fiber::IoThread& thread, Shared& shared);
  ~Local();

  Server server;
  std::unique_ptr<Arrivals> arrivals;
  std::unique_ptr<Replication> replication;
  std::unique_ptr<Outboxes> outboxes;
  SettingsWatch settings;
};

}  // namespace tidemark::store
