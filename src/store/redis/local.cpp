#include "store/redis/local.hpp"

#include "store/redis/arrivals.hpp"
#include "store/redis/joint_commits.hpp"
#include "store/redis/joint_finds.hpp"
#include "store/redis/outboxes.hpp"
#include "store/redis/replication.hpp"

namespace tidemark::store {

Local::Local(fiber::IoThread& thread, Shared& shared)
    : server{thread, shared},
      arrivals{std::make_unique<Arrivals>(server)},
      replication{std::make_unique<Replication>(server)},
      outboxes{std::make_unique<Outboxes>(server, *replication)},
      commits{std::make_unique<JointCommits>(*this)},
      finds{std::make_unique<JointFinds>(*this)} {}

Local::~Local() {
  finds.reset();
  commits.reset();
  arrivals.reset();
  outboxes.reset();
  replication.reset();
  server.client().close();
}

}  // namespace tidemark::store
