#include "store/redis/redis_store.hpp"

#include "fiber/fiber.hpp"
#include "store/redis/settings.hpp"
#include "telemetry/log.hpp"

namespace tidemark::store {
namespace {

// Connecting, loading and looking around, with room for a fail-over that is going on.
Duration open_timeout(const RedisOptions& options) {
  return options.client.connect_timeout + 2 * options.client.request_timeout;
}

Result<void> prepare(Server& server, Shared& shared) {
  const auto settings = read_settings(server);
  if (!settings) return settings.error();
  if (settings->empty()) return fail(ErrorCode::unavailable, "has no master at the moment", shared.options.url);
  TIDEMARK_TRY(check_settings(*settings, shared.options));
  TIDEMARK_TRY(server.load_functions());
  shared.has_json = settings->front().has_json;
  shared.set_durability(durability_of(*settings, shared.options));
  log::info("store opened", {{"store", shared.options.url},
                             {"version", settings->front().version},
                             {"documents", shared.has_json ? "JSON values" : "strings"},
                             {"durability", shared.durability().summary}});
  return {};
}

}  // namespace

RedisStore::RedisStore(const RedisOptions& options) : shared_{std::make_unique<Shared>(options)}, locals_{*shared_} {}

RedisStore::~RedisStore() {
  if (!abandoned_) end_sessions();
}

Result<std::unique_ptr<Store>> RedisStore::open(const RedisOptions& options) {
  std::unique_ptr<RedisStore> store{new RedisStore{options}};
  try {
    const auto prepared = store->locals_.run_from_outside([&](Local& at) -> Result<void> {
      const fiber::DeadlineScope limit{at.server.thread().loop().now() + open_timeout(options)};
      return prepare(at.server, *store->shared_);
    });
    if (!prepared) return prepared.error();
  } catch (const fiber::DeadlineExceeded&) {
    return fail(ErrorCode::unavailable, "does not answer; check the address, and whether the server runs", options.url);
  }
  return std::unique_ptr<Store>{std::move(store)};
}

// --- What is durable ---

// What was answered is as durable as the server is set to make it, unless replicas are to have it, too.
Result<void> RedisStore::wait_durable(Lsn lsn) {
  if (shared_->options.wait_replicas == 0) return {};
  return shared_->replication.wait(lsn);
}

bool RedisStore::is_durable(Lsn lsn) const noexcept {
  if (lsn > shared_->lsn()) return false;
  return shared_->options.wait_replicas == 0 || shared_->replication.is_over(lsn);
}
Lsn RedisStore::seen() const noexcept { return shared_->lsn(); }

DurabilityReport RedisStore::durability() const { return shared_->durability(); }
Health RedisStore::health() const { return shared_->health(); }

std::vector<Metric> RedisStore::metrics() const {
  redis::Statistics all;
  locals_.each([&](const Local& local) {
    const auto of = local.server.client().statistics();
    all.requests += of.requests;
    all.errors += of.errors;
    all.timeouts += of.timeouts;
    all.reconnects += of.reconnects;
    all.redirections += of.redirections;
    all.bytes_sent += of.bytes_sent;
    all.bytes_received += of.bytes_received;
    all.writes += of.writes;
    all.connections += of.connections;
    all.in_flight += of.in_flight;
  });
  const auto& counters = shared_->counters;
  const auto counter = [](const char* name, const char* help, std::uint64_t value) {
    return Metric{.name = name, .help = help, .counter = true, .value = static_cast<double>(value)};
  };
  const auto gauge = [](const char* name, const char* help, std::uint64_t value) {
    return Metric{.name = name, .help = help, .counter = false, .value = static_cast<double>(value)};
  };
  return {
      counter("tidemark_store_commits_total", "Commits applied.", counters.commits),
      counter("tidemark_store_conflicts_total", "Commits refused because something was changed meanwhile.",
              counters.conflicts),
      counter("tidemark_store_fenced_total", "Commits refused because their delivery belongs to another run.",
              counters.fenced),
      counter("tidemark_store_commit_repeats_total", "Commits sent again because their answer got lost.",
              counters.repeats),
      counter("tidemark_store_function_reloads_total", "How often the server's functions had to be loaded again.",
              counters.reloads),
      counter("tidemark_redis_requests_total", "Requests sent to the server.", all.requests),
      counter("tidemark_redis_errors_total", "Answers that were errors.", all.errors),
      counter("tidemark_redis_timeouts_total", "Requests not answered in time.", all.timeouts),
      counter("tidemark_redis_reconnects_total", "Connections made again.", all.reconnects),
      counter("tidemark_redis_redirections_total", "Requests that another node of the cluster had to answer.",
              all.redirections),
      counter("tidemark_redis_sent_bytes_total", "Bytes sent to the server.", all.bytes_sent),
      counter("tidemark_redis_received_bytes_total", "Bytes received from the server.", all.bytes_received),
      counter("tidemark_redis_writes_total", "Writes to sockets; requests by writes is the depth of pipelining.",
              all.writes),
      gauge("tidemark_store_outbox_waiting", "Events waiting for topics whose node of the cluster takes nothing.",
            shared_->backlogs.waiting()),
      gauge("tidemark_redis_connections", "Connections to the server.", all.connections),
      gauge("tidemark_redis_in_flight", "Requests waiting for their answer.", all.in_flight),
  };
}

}  // namespace tidemark::store
