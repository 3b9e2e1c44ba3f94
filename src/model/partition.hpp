// Partitions: how a service's documents, and the events that it handles, are divided among its processes.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/lsn.hpp"
#include "base/stream_id.hpp"
#include "model/delivery.hpp"
#include "tidemark/time.hpp"

namespace tidemark::model {

// A service's part of the documents: all that one commit reads and writes has one partition.
struct Partition {
  std::string service;
  std::uint16_t number = 0;
  friend auto operator<=>(const Partition&, const Partition&) = default;

  // "{roles:0}": what names begin with that are to stand where the partition stands. On Redis Cluster the part in
  // braces chooses the slot (https://redis.io/docs/reference/cluster-spec, "Hash tags").
  std::string tag() const;
};

// "{roles:0}user_created.user-role": a topic that belongs to one partition, and stands where that stands.
std::string own_topic(const Partition& partition, std::string_view name);

// Which of `count` partitions a key belongs to. The same everywhere and for ever: FNV-1a of 64 bits, folded to 32 and
// taken modulo `count`. 0 when `count` is 1.
std::uint16_t partition_of(std::string_view key, std::uint16_t count);

// The right to hand out a partition's events, for a time. Whoever holds it proves so by owner and epoch; the epoch
// rises when the owner changes.
struct Lease {
  Partition partition;
  std::string owner;  // random, chosen by the process that asks for it
  std::uint64_t epoch = 0;
  friend bool operator==(const Lease&, const Lease&) = default;
};

// All that lies in (from, to] of `source` and is meant for `target`, a topic that nobody else writes to.
struct Forwarding {
  std::string source;
  std::string target;
  StreamId from, to;
  std::vector<Entry> entries;  // in their order, with their ids in the source, which they keep in the target
};

struct Forwarded {
  StreamId last;  // up to where the target has all of the source that is meant for it
  Lsn lsn;
};

}  // namespace tidemark::model
