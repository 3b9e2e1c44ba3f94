// RedisCluster and RedisSentinels: several servers that know each other.
#include <set>
#include <sstream>
#include <stdexcept>

#include "redis/slots.hpp"
#include "redis/test_certificates.hpp"
#include "redis/test_processes.hpp"

namespace tidemark::redis::testing {
namespace {

constexpr std::string_view MASTER = "mymaster";

void expect(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error{what};
}

// The port by which the others, and clients that have certificates, reach it.
std::uint16_t port_of(const RedisServer& server) { return server.tls_port() != 0 ? server.tls_port() : server.port(); }

std::string listed(const std::vector<std::unique_ptr<RedisServer>>& servers) {
  std::string list;
  for (const auto& server : servers)
    list += (list.empty() ? "" : ",") + Endpoint{server->endpoint().host, port_of(*server)}.text();
  return list;
}

std::string scheme(const TestCertificates* certificates) { return certificates ? "rediss" : "redis"; }

std::string parameters(const TestCertificates* certificates) {
  if (!certificates) return {};
  return "?ca=" + certificates->certificate("ca") + "&cert=" + certificates->certificate("client") +
         "&key=" + certificates->key("client");
}

// A TLS port beside the other one, which is the test's own.
std::vector<std::string> tls_lines(const TestCertificates* certificates) {
  if (!certificates) return {};
  auto lines = certificates->server_configuration(true);
  std::erase(lines, "port 0");
  std::erase(lines, "tls-port $PORT");
  lines.insert(lines.end(), {"tls-port " + std::to_string(free_port()), "tls-replication yes"});
  return lines;
}

std::size_t index_of_port(const std::vector<std::unique_ptr<RedisServer>>& servers, std::uint16_t port) {
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (servers[i]->port() == port || servers[i]->tls_port() == port) return i;
  }
  throw std::runtime_error{"nobody of ours has the port " + std::to_string(port)};
}

}  // namespace

RedisCluster::RedisCluster(std::size_t masters, std::size_t replicas, const std::vector<std::string>& configuration,
                           const TestCertificates* certificates)
    : masters_{masters}, certificates_{certificates} {
  for (std::size_t i = 0; i < masters * (1 + replicas); ++i) {
    std::vector<std::string> lines = {"cluster-enabled yes",        "cluster-port " + std::to_string(free_port()),
                                      "cluster-node-timeout 2000",  "cluster-allow-replica-migration no",
                                      "repl-diskless-sync-delay 0", "cluster-config-file $DIRECTORY/nodes.conf"};
    lines.insert(lines.end(), configuration.begin(), configuration.end());
    const auto tls = tls_lines(certificates);
    lines.insert(lines.end(), tls.begin(), tls.end());
    if (certificates) lines.emplace_back("tls-cluster yes");
    nodes_.push_back(std::make_unique<RedisServer>(lines));
    ids_.push_back(nodes_.back()->tell(Command{"CLUSTER", "MYID"}).text);
  }
  assign_slots();
  meet();
  attach_replicas();
  expect(eventually([this] { return is_settled(); }), "the cluster does not become ready: " + node(0).log());
}

std::string RedisCluster::url() const {
  return scheme(certificates_) + "+cluster://" + listed(nodes_) + parameters(certificates_);
}

void RedisCluster::assign_slots() {
  for (std::size_t i = 0; i < masters_; ++i) {
    node(i).tell(Command{"CLUSTER", "SET-CONFIG-EPOCH", i + 1});
    node(i).tell(Command{"CLUSTER", "ADDSLOTSRANGE", SLOT_COUNT * i / masters_, SLOT_COUNT * (i + 1) / masters_ - 1});
  }
}

void RedisCluster::meet() {
  for (std::size_t i = 1; i < size(); ++i) {
    const std::string bus_port = node(i).tell(Command{"CONFIG", "GET", "cluster-port"}).items.at(1).text;
    node(0).tell(Command{"CLUSTER", "MEET", "127.0.0.1", port_of(node(i)), bus_port});
  }
  expect(eventually([this] {
           for (const auto& server : nodes_) {
             const std::string known = server->tell(Command{"CLUSTER", "NODES"}).text;
             for (const std::string& id : ids_) {
               if (known.find(id) == std::string::npos || known.find("handshake") != std::string::npos) return false;
             }
           }
           return true;
         }),
         "the cluster's nodes do not meet: " + node(0).log());
}

void RedisCluster::attach_replicas() {
  for (std::size_t i = masters_; i < size(); ++i) node(i).tell(Command{"CLUSTER", "REPLICATE", ids_[i % masters_]});
}

// Every node serves, agrees on who has which slot, and its replicas are in touch.
bool RedisCluster::is_settled() const {
  std::vector<SlotMap> views;
  for (const auto& server : nodes_) {
    if (server->ask(Command{"CLUSTER", "INFO"}).text.find("cluster_state:ok") == std::string::npos) return false;
    auto view = read_cluster_slots(server->ask(Command{"CLUSTER", "SLOTS"}), server->endpoint());
    if (!view || view->owners().size() != masters_) return false;
    views.push_back(*std::move(view));
    const bool is_replica = views.size() > masters_;
    if (is_replica &&
        server->ask(Command{"INFO", "replication"}).text.find("master_link_status:up") == std::string::npos) {
      return false;
    }
  }
  for (const SlotMap& view : views) {
    if (!(view == views.front())) return false;
  }
  return true;
}

std::string RedisCluster::id_of(std::size_t index) const { return ids_.at(index); }

std::size_t RedisCluster::owner_of(std::uint16_t slot) const {
  for (const auto& server : nodes_) {
    if (!server->running()) continue;
    const auto view = read_cluster_slots(server->ask(Command{"CLUSTER", "SLOTS"}), server->endpoint());
    if (!view) continue;
    if (const Endpoint* owner = view->owner_of(slot)) return index_of_port(nodes_, owner->port);
  }
  throw std::runtime_error{"nobody has the slot " + std::to_string(slot)};
}

void RedisCluster::begin_migration(std::uint16_t slot, std::size_t to) {
  const std::size_t from = owner_of(slot);
  node(to).tell(Command{"CLUSTER", "SETSLOT", slot, "IMPORTING", id_of(from)});
  node(from).tell(Command{"CLUSTER", "SETSLOT", slot, "MIGRATING", id_of(to)});
}

std::size_t RedisCluster::migrate_keys(std::uint16_t slot, std::size_t to, std::size_t count) {
  const std::size_t from = owner_of(slot);
  const resp::Value keys = node(from).tell(Command{"CLUSTER", "GETKEYSINSLOT", slot, count});
  if (keys.items.empty()) return 0;
  Command migrate{"MIGRATE", "127.0.0.1", port_of(node(to)), "", 0, 5000, "REPLACE", "KEYS"};
  for (const resp::Value& key : keys.items) migrate << key.text;
  node(from).tell(migrate);
  return keys.items.size();
}

void RedisCluster::finish_migration(std::uint16_t slot, std::size_t to) {
  const std::size_t from = owner_of(slot);
  node(to).tell(Command{"CLUSTER", "SETSLOT", slot, "NODE", id_of(to)});
  node(from).tell(Command{"CLUSTER", "SETSLOT", slot, "NODE", id_of(to)});
}

void RedisCluster::migrate(std::uint16_t slot, std::size_t to) {
  begin_migration(slot, to);
  while (migrate_keys(slot, to) > 0) continue;
  finish_migration(slot, to);
}

RedisSentinels::RedisSentinels(std::size_t replicas, std::size_t sentinels,
                               const std::vector<std::string>& configuration, const TestCertificates* certificates)
    : certificates_{certificates} {
  std::vector<std::string> lines = configuration;
  lines.insert(lines.end(), {"repl-diskless-sync-delay 0", "repl-ping-replica-period 1"});
  const auto start = [&](std::vector<std::string> of, RedisServer::Role role) {
    const auto tls = tls_lines(certificates);
    of.insert(of.end(), tls.begin(), tls.end());
    return std::make_unique<RedisServer>(of, role);
  };
  servers_.push_back(start(lines, RedisServer::Role::server));
  const auto master_port = std::to_string(port_of(server(0)));
  lines.push_back("replicaof 127.0.0.1 " + master_port);
  for (std::size_t i = 0; i < replicas; ++i) servers_.push_back(start(lines, RedisServer::Role::server));

  const std::string master{MASTER};
  for (std::size_t i = 0; i < sentinels; ++i) {
    sentinels_.push_back(
        start({"sentinel monitor " + master + " 127.0.0.1 " + master_port + " " + std::to_string(sentinels / 2 + 1),
               "sentinel down-after-milliseconds " + master + " 1000", "sentinel failover-timeout " + master + " 3000"},
              RedisServer::Role::sentinel));
  }
  const auto sees_all = [&](const RedisServer& sentinel) {
    const resp::Value seen = sentinel.tell(Command{"SENTINEL", "MASTER", MASTER});
    std::size_t seen_replicas = 0, seen_sentinels = 0;
    for (std::size_t i = 0; i + 1 < seen.items.size(); i += 2) {
      if (seen.items[i].text == "num-slaves") seen_replicas = std::stoul(seen.items[i + 1].text);
      if (seen.items[i].text == "num-other-sentinels") seen_sentinels = std::stoul(seen.items[i + 1].text);
    }
    return seen_replicas == replicas && seen_sentinels + 1 == sentinels;
  };
  const auto all_in_touch = [&] {
    for (std::size_t i = 1; i < size(); ++i) {
      if (server(i).ask(Command{"INFO", "replication"}).text.find("master_link_status:up") == std::string::npos) {
        return false;
      }
    }
    return std::all_of(sentinels_.begin(), sentinels_.end(), [&](const auto& sentinel) { return sees_all(*sentinel); });
  };
  expect(eventually(all_in_touch), "the sentinels do not find everybody: " + sentinel(0).log());
}

std::string RedisSentinels::url() const {
  return scheme(certificates_) + "+sentinel://" + listed(sentinels_) + "/" + std::string{MASTER} +
         parameters(certificates_);
}

std::size_t RedisSentinels::master() const {
  for (const auto& sentinel : sentinels_) {
    if (!sentinel->running()) continue;
    const resp::Value address = sentinel->tell(Command{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER});
    return index_of_port(servers_, static_cast<std::uint16_t>(std::stoul(address.items.at(1).text)));
  }
  throw std::runtime_error{"no sentinel runs"};
}

std::size_t RedisSentinels::wait_for_fail_over(std::size_t former) const {
  std::size_t now = former;
  expect(eventually([&] { return (now = master()) != former; }),
         "the sentinels promote nobody: " + sentinels_[0]->log());
  return now;
}

void RedisSentinels::fail_over() {
  const std::size_t former = master();
  expect(eventually([this] {
           return !sentinel(0).ask(Command{"SENTINEL", "FAILOVER", MASTER}).is_error();
         }),
         "the sentinel refuses to fail over: " + sentinel(0).log());
  wait_for_fail_over(former);
}

}  // namespace tidemark::redis::testing
