// Outboxes: on a cluster, a commit can write only to the slot of its partition. What it publishes to a topic elsewhere
// goes into an outbox stream of the partition in the same commit, and is poured from there into the topic: in order and
// once, since the topic keeps, beside it, how far it has each outbox. Whoever pours, and however often, comes to the
// same.
//
// What was poured stays in the outbox for a minute: a replica that becomes master of the topic's slot may lack the last
// of it, and gets it again, because its position, too, is the older one.
//
// Fibers that wait for one outbox at the same time share the work: one pours for all.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/stream_id.hpp"
#include "model/partition.hpp"

namespace tidemark::store {

class Replication;
class Server;

// All calls on fibers of the server's thread.
class Outboxes {
 public:
  Outboxes(Server& server, Replication& replication);
  ~Outboxes();
  Outboxes(const Outboxes&) = delete;
  Outboxes& operator=(const Outboxes&) = delete;

  // Before the first commit that uses it: whoever maintains the partition will know of this outbox. Remembered.
  Result<void> announce(const model::Partition& partition, std::string_view topic);
  // Returns when the topic has everything of the outbox up to that id. After a failure the next call, or maintain(),
  // goes on.
  Result<void> forward(const model::Partition& partition, std::string_view topic, StreamId up_to);
  // Pours what any process has left in the partition's outboxes or a fail-over has taken from their topics, and drops
  // what is no longer needed. A topic that takes nothing is left alone for some seconds, and what waits for it is noted
  // in Shared's OutboxBacklogs.
  Result<void> forward_all(const model::Partition& partition);

 private:
  struct Outbox;

  Outbox& find(const model::Partition& partition, std::string_view topic);
  Result<void> forward_rest(const model::Partition& partition, Outbox& outbox);
  Result<void> pour(const model::Partition& partition, Outbox& outbox, std::optional<StreamId> up_to);
  Result<void> ask_position(Outbox& outbox);
  Result<void> trim(Outbox& outbox);
  void note_stuck(Outbox& outbox);

  Server& server_;
  Replication& replication_;
  std::map<std::string, std::unique_ptr<Outbox>, std::less<>> outboxes_;  // by key
  std::set<std::string, std::less<>> announced_;                          // keys
  std::uint64_t losses_ = 0;                                              // that announced_ knows of
  std::map<std::string, Instant, std::less<>> left_alone_until_;          // by topic
};

}  // namespace tidemark::store
