// RedisOptions: how to open a RedisStore; from a URL.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "redis/options.hpp"

namespace tidemark::store {

struct RedisOptions {
  redis::Options client;
  std::uint32_t wait_replicas = 0;  // a commit is durable when so many replicas have it
  Duration wait_timeout{1'000};     // how long they may take
  bool require_fsync = false;       // refuse a server that does not sync before it answers
  // What leases, retries, timers and expiries are told by. With the machine's, the server's own time is used instead.
  Clock* clock = &Clock::system();
  std::string url;  // for messages, without passwords
};

// redis::parse_url's URLs with the parameters
//   wait=<replicas>         a commit is durable when so many replicas have it (0)
//   wait_timeout=<ms>       how long they may take (1000)
//   require=fsync           refuse a server that does not sync before it answers
// `invalid` names the part that is wrong.
Result<RedisOptions> parse_redis_url(std::string_view url);
// Whether it is for this store: "redis://", "rediss+cluster://", ….
bool is_redis_url(std::string_view url);

}  // namespace tidemark::store
