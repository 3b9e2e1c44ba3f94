// RedisServer, RedisCluster, RedisSentinels: real servers for tests, on free loopback ports, with a temporary directory
// each. They end with the object; those that the main thread started, also when the process of the test does, however.
//
//   RedisServer server;
//   Client client{thread, parse_url(server.url()).value().options};
//   server.pause();                                    // SIGSTOP
//   server.ask(Command{"CONFIG", "SET", "maxmemory", "1mb"});   // once it is resumed, from the test's own thread
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "redis/command.hpp"
#include "redis/options.hpp"
#include "redis/test_ports.hpp"
#include "resp/value.hpp"

namespace tidemark::redis::testing {

class TestCertificates;

// Calls `holds` every few milliseconds until it does; fails the test, and returns false, when it has not after `limit`.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit = std::chrono::seconds{60});

// One redis-server, ready to answer when the constructor or start() returns. Throws std::runtime_error with the end of
// its log when it does not start. All calls on one thread.
class RedisServer {
 public:
  enum class Role { server, sentinel };
  // With further lines of its configuration, "appendonly yes" ($PORT and $DIRECTORY stand for its own); by default it
  // persists nothing.
  explicit RedisServer(const std::vector<std::string>& configuration = {}, Role role = Role::server);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  // Of a line "tls-port …" with a number, beside the other one; 0 without.
  std::uint16_t tls_port() const noexcept { return tls_port_; }
  Endpoint endpoint() const { return {"127.0.0.1", port_}; }
  std::string url() const { return "redis://" + endpoint().text(); }
  const std::filesystem::path& directory() const noexcept { return directory_; }
  std::string log() const;

  // SIGKILL, and waits for its end.
  void kill();
  // Again, on the same port and directory. Not while it runs.
  void start();
  bool running() const noexcept { return pid_ > 0; }
  // SIGSTOP and SIGCONT.
  void pause();
  void resume();

  // The answer on a connection of its own (not over TLS), with the password of a line "requirepass"; an error of the
  // server is one, too. Throws std::runtime_error when there is none within some seconds.
  resp::Value ask(const Command& command) const;
  // The same, and throws when the answer is an error.
  resp::Value tell(const Command& command) const;

 private:
  void write_configuration(const std::vector<std::string>& lines) const;
  bool spawn();
  bool is_ready() const;
  void end();

  const Role role_;
  std::uint16_t port_ = 0, tls_port_ = 0;
  std::filesystem::path directory_;
  bool speaks_tls_only_ = false;
  std::string password_;
  pid_t pid_ = 0;
};

// A cluster in which every slot is served, with `replicas` for each master, when the constructor returns.
class RedisCluster {
 public:
  // With certificates they speak TLS among each other, and url() asks for it and shows the client's.
  explicit RedisCluster(std::size_t masters = 3, std::size_t replicas = 0,
                        const std::vector<std::string>& configuration = {},
                        const TestCertificates* certificates = nullptr);

  // "redis+cluster://…", naming all of them.
  std::string url() const;
  // The masters that there were at first, then their replicas: `replica(m, r)`.
  std::size_t masters() const noexcept { return masters_; }
  RedisServer& node(std::size_t index) { return *nodes_.at(index); }
  RedisServer& replica(std::size_t master, std::size_t index) { return node(masters_ + index * masters_ + master); }
  std::size_t size() const noexcept { return nodes_.size(); }

  // Which node is master of a slot at this moment, as a running one says.
  std::size_t owner_of(std::uint16_t slot) const;
  // The steps of resharding one slot, as redis-cli does them: between begin and finish its keys are in two places
  // (ASK).
  void begin_migration(std::uint16_t slot, std::size_t to);
  // Moves up to `count` keys; returns how many there were to move.
  std::size_t migrate_keys(std::uint16_t slot, std::size_t to, std::size_t count = 100);
  void finish_migration(std::uint16_t slot, std::size_t to);
  // All three.
  void migrate(std::uint16_t slot, std::size_t to);

 private:
  std::string id_of(std::size_t index) const;
  void assign_slots();
  void meet();
  void attach_replicas();
  bool is_settled() const;

  const std::size_t masters_;
  const TestCertificates* const certificates_;
  std::vector<std::unique_ptr<RedisServer>> nodes_;
  std::vector<std::string> ids_;
};

// A master "mymaster" with replicas, watched by sentinels that notice its end after about a second.
class RedisSentinels {
 public:
  // With certificates as a cluster.
  explicit RedisSentinels(std::size_t replicas = 1, std::size_t sentinels = 1,
                          const std::vector<std::string>& configuration = {},
                          const TestCertificates* certificates = nullptr);

  // "redis+sentinel://…/mymaster", naming all sentinels.
  std::string url() const;
  // The first one is the master at first.
  RedisServer& server(std::size_t index) { return *servers_.at(index); }
  RedisServer& sentinel(std::size_t index) { return *sentinels_.at(index); }
  std::size_t size() const noexcept { return servers_.size(); }
  // Which server the sentinels name at this moment.
  std::size_t master() const;
  // Waits until they name another one than `former`, and returns it.
  std::size_t wait_for_fail_over(std::size_t former) const;
  // Makes the sentinels promote a replica, without a failure.
  void fail_over();

 private:
  const TestCertificates* const certificates_;
  std::vector<std::unique_ptr<RedisServer>> servers_;
  std::vector<std::unique_ptr<RedisServer>> sentinels_;
};

}  // namespace tidemark::redis::testing
