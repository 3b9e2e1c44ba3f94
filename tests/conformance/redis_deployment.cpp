#include "conformance/redis_deployment.hpp"

#include <cstdlib>
#include <stdexcept>

#include "conformance/store_test.hpp"
#include "redis/client.hpp"
#include "redis/test_certificates.hpp"

namespace tidemark::conformance {
namespace {

using redis::Command;
using redis::testing::RedisServer;

class OneServer : public RedisDeployment {
 public:
  OneServer(std::vector<std::string> configuration, bool syncs_always, std::string parameters = {})
      : server_{configuration}, syncs_always_{syncs_always}, parameters_{std::move(parameters)} {}

  std::string url() const override { return server_.url() + parameters_; }
  bool syncs_always() const override { return syncs_always_; }
  void replace_master() override {
    if (syncs_always_) restart();
  }

 protected:
  std::vector<RedisServer*> servers() override { return {&server_}; }

 private:
  RedisServer server_;
  const bool syncs_always_;
  const std::string parameters_;
};

// Clients prove who they are by a certificate, and log in as a user who may do what a service needs and no more.
class TlsServer : public RedisDeployment {
 public:
  std::string url() const override {
    return "rediss://suite:secret@127.0.0.1:" + std::to_string(port_) + "?ca=" + certificates_.certificate("ca") +
           "&cert=" + certificates_.certificate("client") + "&key=" + certificates_.key("client");
  }

 protected:
  std::vector<RedisServer*> servers() override { return {&server_}; }

 private:
  redis::testing::TestCertificates certificates_;
  std::uint16_t port_ = redis::testing::free_port();
  RedisServer server_{{"tls-port " + std::to_string(port_), "tls-cert-file " + certificates_.certificate("server"),
                       "tls-key-file " + certificates_.key("server"),
                       "tls-ca-cert-file " + certificates_.certificate("ca"), "tls-auth-clients yes",
                       "user suite on >secret ~* &* +@all -@admin -@dangerous +config|get +info +role"}};
};

class SentinelServers : public RedisDeployment {
 public:
  std::string url() const override { return sentinels_.url(); }
  void replace_master() override { sentinels_.fail_over(); }
  bool keeps_what_was_acknowledged() const override { return false; }  // what no replica had yet

 protected:
  std::vector<RedisServer*> servers() override {
    std::vector<RedisServer*> servers;
    for (std::size_t i = 0; i < sentinels_.size(); ++i) servers.push_back(&sentinels_.server(i));
    return servers;
  }

 private:
  redis::testing::RedisSentinels sentinels_{2, 3};
};

class ClusterServers : public RedisDeployment {
 public:
  std::string url() const override { return cluster_.url(); }
  bool is_cluster() const override { return true; }
  // The replica takes over when it has everything.
  void replace_master() override {
    const auto slot = redis::slot_of(PARTITION.tag());
    const auto master = cluster_.owner_of(slot);
    const auto replica = (master + cluster_.masters()) % cluster_.size();
    cluster_.node(replica).tell(Command{"CLUSTER", "FAILOVER"});
    if (!redis::testing::eventually([&] { return cluster_.owner_of(slot) == replica; }))
      throw std::runtime_error{"the replica does not take over: " + cluster_.node(replica).log()};
  }
  void reshard() override {
    const auto slot = redis::slot_of(PARTITION.tag());
    const auto another = cluster_.owner_of(static_cast<std::uint16_t>((slot + SLOTS / 2) % SLOTS));
    cluster_.migrate(slot, another);
    // The two of them know at once, the node that is asked may hear of it later.
    if (!redis::testing::eventually([&] { return cluster_.owner_of(slot) == another; }))
      throw std::runtime_error{"the slot has not moved"};
  }

 protected:
  std::vector<RedisServer*> servers() override {
    std::vector<RedisServer*> servers;
    for (std::size_t i = 0; i < cluster_.size(); ++i) servers.push_back(&cluster_.node(i));
    return servers;
  }

 private:
  static constexpr int SLOTS = 16384;
  redis::testing::RedisCluster cluster_{3, 1};
};

}  // namespace

RedisDeployment& RedisDeployment::get() {
  static const auto started = [] {
    const char* const mode = std::getenv("TIDEMARK_REDIS_MODE");
    return start(mode ? mode : "always");
  }();
  return *started;
}

std::unique_ptr<RedisDeployment> RedisDeployment::start(std::string_view mode) {
  if (mode == "always")
    return std::make_unique<OneServer>(std::vector<std::string>{"appendonly yes", "appendfsync always"}, true);
  if (mode == "everysec")
    return std::make_unique<OneServer>(std::vector<std::string>{"appendonly yes", "appendfsync everysec"}, false);
  if (mode == "memory") return std::make_unique<OneServer>(std::vector<std::string>{}, false);
  if (mode == "resp2") return std::make_unique<OneServer>(std::vector<std::string>{}, false, "?protocol=2");
  if (mode == "tls") return std::make_unique<TlsServer>();
  if (mode == "sentinel") return std::make_unique<SentinelServers>();
  if (mode == "cluster") return std::make_unique<ClusterServers>();
  throw std::runtime_error{"no such mode: '" + std::string{mode} +
                           "'; it is one of always, everysec, memory, resp2, tls, sentinel, cluster"};
}

// Replicas refuse what only their masters do; those are among them, too.
void RedisDeployment::ask_all(const Command& command) {
  for (auto* const server : servers()) {
    const auto answer = server->ask(command);
    if (answer.is_error() && answer.error_code() != "READONLY")
      throw std::runtime_error{std::string{command.name()} + ": " + answer.text};
  }
}

void RedisDeployment::empty() { ask_all(Command{"FLUSHALL"}); }
void RedisDeployment::forget_functions() { ask_all(Command{"FUNCTION", "FLUSH"}); }
void RedisDeployment::leave_room(bool room) { ask_all(Command{"CONFIG", "SET", "maxmemory", room ? "0" : "1"}); }

void RedisDeployment::cut_connections() {
  for (auto* const server : servers()) server->tell(Command{"CLIENT", "KILL", "TYPE", "normal"});
}

void RedisDeployment::restart() {
  for (auto* const server : servers()) {
    server->kill();
    server->start();
  }
}

}  // namespace tidemark::conformance
