// Dead letters: what a handler could not do. Those of topic `t` for group `g` are the topic `t.g.dead`; redriven ones
// go to `t.g.redrive`, which only that group reads (docs/formats/events.md).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/fields.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

std::string dead_topic(std::string_view topic, std::string_view group);
std::string redrive_topic(std::string_view topic, std::string_view group);

// The fields of a dead letter: those of the event, and dl_id (its id in its topic), dl_error, dl_attempts, dl_time.
model::Fields bury(const model::Fields& event, StreamId id, std::string_view error, std::uint32_t attempts,
                   TimePoint now);
// The event of a dead letter again: without the dl_ fields.
model::Fields exhume(const model::Fields& dead_letter);

struct DeadLetter {
  StreamId id;         // in the dead letters' topic
  std::string origin;  // the event's id in its own topic
  std::string error;
  std::uint32_t attempts = 0;
  std::string time;
  model::Fields event;
};

// What an operator does with dead letters. On fibers; errors: `not_found` for what is not there (any more).
class DeadLetters {
 public:
  DeadLetters(store::Store& store, std::string topic, std::string group);

  Result<std::vector<DeadLetter>> list(StreamId after, std::uint32_t count);
  Result<DeadLetter> get(StreamId id);
  // Gives the event, or `edited` in its place, to the group again, and takes the dead letter away, in one commit. It
  // runs after the later events of its key, as the same event: with its `ce_id`, which becomes its id in its topic
  // where it had none. Returns its id in the redrive topic. `too_large` for an edited one that could not be buried.
  Result<StreamId> redrive(StreamId id, std::optional<model::Fields> edited = std::nullopt);
  Result<void> discard(StreamId id);

 private:
  store::Store& store_;
  std::string topic_, group_, dead_topic_;
};

}  // namespace tidemark::kit
