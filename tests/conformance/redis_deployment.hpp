// RedisDeployment: the servers that a run of the conformance suite has, one kind of deployment for each program run.
// They are started once, since that takes longer than most tests, and are emptied before each test.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "redis/test_processes.hpp"

namespace tidemark::conformance {

class RedisDeployment {
 public:
  // The one of this program: TIDEMARK_REDIS_MODE names its kind, "always" without it.
  static RedisDeployment& get();
  virtual ~RedisDeployment() = default;

  // For a store.
  virtual std::string url() const = 0;
  virtual bool is_cluster() const { return false; }
  // Whether what was acknowledged survives the servers' being killed.
  virtual bool syncs_always() const { return false; }

  void empty();
  void forget_functions();
  // Without room nothing may grow, but for what is allowed to all the same.
  void leave_room(bool room);
  // kill -9, and a new start.
  void restart();

  void cut_connections();
  // Makes another server the master of what the suite's partition has, or kills the one and starts it again, where that
  // may be done without losing everything.
  virtual void replace_master() {}
  // Whether that loses nothing that was acknowledged.
  virtual bool keeps_what_was_acknowledged() const { return true; }
  // Moves what the suite's partition has to another node of a cluster, key by key.
  virtual void reshard() {}

 protected:
  virtual std::vector<redis::testing::RedisServer*> servers() = 0;

 private:
  // `mode` is one of: always, everysec, memory (no persistence), resp2, tls (with an ACL user), sentinel, cluster.
  static std::unique_ptr<RedisDeployment> start(std::string_view mode);
  void ask_all(const redis::Command& command);
};

}  // namespace tidemark::conformance
