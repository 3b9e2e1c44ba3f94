// Options: which servers to talk to, and how; mostly from a URL.
//
//   redis://user:password@127.0.0.1:6379/0          one server
//   rediss://…?ca=/etc/ssl/redis-ca.pem&cert=…&key=…  one server, over TLS
//   redis+sentinel://host:26379,host:26379/mymaster  the master that these sentinels name
//   redis+cluster://host:7000,host:7001              a cluster, found through any of its nodes
//   rediss+sentinel://…, rediss+cluster://…          the same over TLS
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "tidemark/time.hpp"

namespace tidemark::redis {

struct Endpoint {
  std::string host;
  std::uint16_t port = 6379;
  std::string text() const;  // "host:port", "[::1]:6379"
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

struct Credentials {
  std::string user, password;  // without a user: the default one
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

struct Tls {
  std::string ca_file;    // PEM; empty: the system's authorities
  std::string cert_file;  // PEM, with key_file: who we are (mutual TLS)
  std::string key_file;
  std::string server_name;  // what the certificate must name; empty: the host
  friend bool operator==(const Tls&, const Tls&) = default;
};

struct Options {
  enum class Topology { standalone, sentinel, cluster };
  Topology topology = Topology::standalone;
  std::vector<Endpoint> seeds;  // the server, the sentinels, or some nodes of the cluster
  std::string master;           // the name that the sentinels know
  Credentials credentials;
  Credentials sentinel_credentials;
  std::uint32_t database = 0;
  std::optional<Tls> tls;
  bool allow_resp3 = true;
  std::uint32_t connections = 1;    // to each node, from each thread, for requests that do not block
  Duration connect_timeout{2'000};  // name look-up, connect, TLS and hello together
  // From the call to the whole answer, the waiting for a connection included, if the caller's deadline is not earlier.
  Duration request_timeout{5'000};
  Duration retry_first{20}, retry_at_most{2'000};  // between attempts to connect; jittered
  std::size_t queued_bytes_max = 64u << 20;  // 64 MiB of requests waiting for one connection; past it: `overloaded`
};

struct ParsedUrl {
  Options options;
  std::map<std::string, std::string> parameters;  // those that are not the client's: "wait", "require"
};

// `invalid` names the part that is wrong and what it may be. Parameters of the client: ca, cert, key, server_name,
// protocol (2 or 3), connections, connect_timeout, request_timeout (ms), sentinel_user, sentinel_password.
Result<ParsedUrl> parse_url(std::string_view url);
// The names of those, for messages: "ca, cert, …".
std::string url_parameters();
// Whether it is for this client: "redis://", "rediss+cluster://", ….
bool is_redis_url(std::string_view url);
// The URL with its passwords blotted out, for logs.
std::string without_passwords(std::string_view url);

}  // namespace tidemark::redis
