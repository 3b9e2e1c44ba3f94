// Dead letters: what a handler could not do. Those of topic `t` for group `g` are the topic `t.g.dead`; redriven ones
// go to a topic that only that group reads (docs/formats/events.md; placement.hpp has the names).
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kit/dispatch/placement.hpp"
#include "model/commit.hpp"
#include "model/fields.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// The fields of a dead letter: those of the event, and dl_id (its id in its topic), dl_error, dl_attempts, dl_time, and
// dl_partition where each partition handles every event.
model::Fields bury(const model::Fields& event, StreamId id, std::string_view error, std::uint32_t attempts,
                   TimePoint now, std::optional<std::uint16_t> partition = std::nullopt);
// The event of a dead letter again: without the dl_ fields.
model::Fields exhume(const model::Fields& dead_letter);

// Names a dead letter of a handler. Letters are in the order of their ids.
struct LetterId {
  StreamId id;                  // in the dead letters' topic
  std::uint16_t partition = 0;  // whose topic that is, where each has one
  friend auto operator<=>(const LetterId&, const LetterId&) = default;

  std::string text() const;  // "1700000000000-0", "1700000000000-0@3"
  static Result<LetterId> parse(std::string_view text);
};

struct DeadLetter {
  LetterId id;
  std::string origin;  // the event's id in its own topic
  std::string error;
  std::uint32_t attempts = 0;
  std::string time;
  std::optional<std::uint16_t> partition;  // where it failed, of an event that takes effect in each
  model::Fields event;
};

// What an operator does with the dead letters of a handler, of all its partitions. On fibers; errors: `not_found` for
// what is not there (any more).
class DeadLetters {
 public:
  DeadLetters(store::Store& store, Placement placement);

  Result<std::uint64_t> count();
  // Not below that of any letter that there is.
  Result<LetterId> last();
  // Those behind `after`, oldest first: at most `count`, and not many more than 16 MiB of them. A page that is not full
  // may have others behind it; an empty one has none.
  Result<std::vector<DeadLetter>> list(LetterId after, std::uint32_t count);
  Result<DeadLetter> get(LetterId id);
  // Gives the event, or `edited` in its place, to the group again, and takes the dead letter away, in one commit. It
  // runs after the later events of its key, as the same event: with its `ce_id`, which becomes its id in its topic
  // where it had none. Returns its id in the redrive topic. `too_large` for an edited one that could not be buried.
  Result<StreamId> redrive(LetterId id, std::optional<model::Fields> edited = std::nullopt);
  Result<void> discard(LetterId id);
  // Where the letter's event takes effect: in the partition where it failed, or in that of its key.
  std::uint16_t partition_of(const DeadLetter& letter, const model::Fields& event) const;

 private:
  // What one topic has of a page.
  struct Part {
    std::vector<DeadLetter> letters;
    bool is_last = false;  // there are no others behind them
  };
  Result<Part> list_topic(std::uint16_t partition, StreamId after, std::uint32_t count);
  std::uint16_t topics() const { return placement_.divides_dead_letters() ? placement_.partitions() : 1; }
  model::Commit removal_of(LetterId id) const;
  Result<model::Committed> commit(const model::Commit& commit);

  store::Store& store_;
  Placement placement_;
};

}  // namespace tidemark::kit
