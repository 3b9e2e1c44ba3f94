// EmbeddedStore: its figures, for /metrics.
#include "engine/engine.hpp"
#include "store/embedded/embedded_store.hpp"

namespace tidemark::store {

std::vector<Metric> EmbeddedStore::metrics() const {
  const auto statistics = engine_->storage().statistics();
  const auto counters = engine_->counters();
  const auto number = [](auto value) { return static_cast<double>(value); };
  return {
      {"tidemark_store_commits_total", "Commits applied.", true, number(counters.commits)},
      {"tidemark_store_conflicts_total", "Commits refused because what they had read was changed.", true,
       number(counters.conflicts)},
      {"tidemark_store_fenced_total", "Commits refused because their delivery was no longer theirs.", true,
       number(counters.fenced)},
      {"tidemark_store_refused_total", "Commits of endpoints refused for a full disk or a lagging group.", true,
       number(counters.refused)},
      {"tidemark_store_entries_appended_total", "Entries appended to topics.", true, number(counters.appended)},
      {"tidemark_store_entries_delivered_total", "Entries handed over to groups.", true, number(counters.delivered)},
      {"tidemark_store_entries_acknowledged_total", "Deliveries acknowledged.", true, number(counters.acknowledged)},
      {"tidemark_store_entries_trimmed_total", "Entries dropped by retention.", true, number(counters.trimmed)},
      {"tidemark_store_timers_fired_total", "Timers published.", true, number(counters.timers_fired)},
      {"tidemark_store_topics", "Topics.", false, number(counters.topics)},
      {"tidemark_store_groups", "Consumer groups.", false, number(counters.groups)},
      {"tidemark_store_pending", "Deliveries not yet acknowledged.", false, number(counters.pending)},
      {.name = "tidemark_store_sync_seconds",
       .help = "How long a sync of the log took.",
       .distribution = statistics.sync_seconds},
      {.name = "tidemark_store_sync_commits",
       .help = "How many commits one sync of the log made durable: the size of a group commit.",
       .distribution = statistics.sync_commits},
      {"tidemark_store_sequenced_lsn", "The newest LSN.", false, number(statistics.sequenced.value)},
      {"tidemark_store_tidemark_lsn", "The newest durable LSN.", false, number(statistics.durable.value)},
      {"tidemark_store_disk_free_bytes", "Free bytes of the data directory's disk.", false,
       number(statistics.disk_free_bytes)},
      {"tidemark_store_disk_used_bytes", "Bytes of the data directory.", false, number(statistics.disk_used_bytes)},
  };
}

}  // namespace tidemark::store
