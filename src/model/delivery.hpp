// What a consumer group hands to a consumer, and what the consumer makes of it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/lsn.hpp"
#include "base/stream_id.hpp"
#include "model/fields.hpp"
#include "tidemark/time.hpp"

namespace tidemark::model {

struct Entry {
  StreamId id;
  Fields fields;
};

// One entry handed to one consumer of a group.
struct Delivery {
  StreamId id;
  Fields fields;
  std::uint64_t token = 0;       // random, new at each hand-over: the fence of everything done about it
  std::uint32_t deliveries = 1;  // how often it was handed over, as Redis counts it
  std::uint32_t attempts = 0;    // how many runs were recorded (record_attempt); conflicts and drains count none
  // It may have been running when the process stopped uncleanly: its attempt must be durable before it runs.
  bool suspect = false;
  std::optional<TimePoint> retry_at;  // not to be run before; set by a settlement `retry`
  std::string last_error;             // of the attempt before
};

// Deliveries handed over together.
struct Batch {
  std::vector<Delivery> deliveries;
  Lsn lsn;  // of the hand-over
};

// What becomes of a delivery in a commit. The commit applies only while the delivery is still pending with this token.
struct Settlement {
  enum class Kind {
    acknowledge,  // no longer pending
    retry,        // stays pending with this consumer, to be run again at `retry_at`
  };
  std::string topic, group;
  StreamId id;
  std::uint64_t token = 0;
  Kind kind = Kind::acknowledge;
  TimePoint retry_at{};        // for retry
  std::uint32_t attempts = 0;  // for retry: how many were made
  std::string error;           // for retry: of the last one
};

}  // namespace tidemark::model
