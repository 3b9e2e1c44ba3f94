// Local: what a RedisStore has on one I/O thread.
#pragma once
#include <memory>

#include "store/redis/server.hpp"
#include "store/redis/settings.hpp"

namespace tidemark::store {

class Arrivals;      // the blocking reads that wake whoever waits for entries
class Replication;   // the waits for replicas, where the URL asks for them
class Outboxes;      // on a cluster: what is on its way to topics that stand elsewhere
class JointCommits;  // commits that go out together
class JointFinds;    // and reads of documents

struct Local {
  Local(fiber::IoThread& thread, Shared& shared);
  ~Local();

  Server server;
  std::unique_ptr<Arrivals> arrivals;
  std::unique_ptr<Replication> replication;
  std::unique_ptr<Outboxes> outboxes;
  std::unique_ptr<JointCommits> commits;
  std::unique_ptr<JointFinds> finds;
  SettingsWatch settings;
};

}  // namespace tidemark::store
