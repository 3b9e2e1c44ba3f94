// GroupCursor: what an operator does about a whole group: has its events handled again, skips some, or removes it.
//
// The group must be paused and at rest meanwhile (Pauses). Where the cursor is set back behind entries that are
// pending, those are given up as such: they come again with the others, in their order, as though they had never been
// handed over. What is pending below the new position stays so, and is handled as before; so does everything pending
// when entries are skipped.
//
// Where handlers read inboxes (Placement), an inbox keeps nothing that was handled, and the topic's entries reach it
// once: there the cursor moves forward only.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/stream_id.hpp"
#include "kit/dispatch/pauses.hpp"
#include "kit/dispatch/placement.hpp"
#include "store/store.hpp"

namespace tidemark::kit {

// What a consumer that acts for an operator is called.
inline constexpr std::string_view OPERATOR = "tidemark-operator";
// A consumer that was seen in this time may be at work.
inline constexpr Duration CONSUMER_AT_WORK = std::chrono::seconds{60};

// A move of a group's cursor, which stands behind the last event that was handed over.
struct CursorMove {
  StreamId from, to;
  std::uint64_t events = 0;  // to be handled again, or to be skipped
  bool is_exact = true;      // else there are more of them
  bool is_back() const { return to < from; }
};

// On fibers. Errors: `not_found` for a group that there is not, `conflict` with what has to be done first.
class GroupCursor {
 public:
  // `placement` of the handler that reads as the group; none where it is unknown, or foreign.
  GroupCursor(store::Store& store, Clock& clock, std::string topic, std::string group,
              std::optional<Placement> placement);

  // Where the cursor is to stand so that the next event is the one that `to` says: "start", "end" (behind all that
  // there is), an id, or a time in RFC 3339.
  Result<StreamId> position(std::string_view to);
  Result<CursorMove> plan(StreamId to);
  // Plans, checks that nothing is in flight, and moves. Durable when it returns. When it fails, the group may have been
  // moved in part: the same again completes it.
  Result<CursorMove> move(StreamId to);
  // Removes the group, and its redriven events with it. Its dead letters stay. Not while it is paused: then nobody
  // reads as it, and it may be in use all the same.
  Result<void> remove();

  // What keeps the cursor from being moved: `conflict`.
  Result<void> check_at_rest();

 private:
  bool has_inboxes() const { return placement_ && placement_->has_inboxes(); }
  std::uint16_t places() const { return has_inboxes() ? placement_->partitions() : 1; }
  std::string place(std::uint16_t partition) const { return has_inboxes() ? placement_->topic(partition) : topic_; }
  std::string redriven_place(std::uint16_t partition) const {
    return placement_ ? placement_->redrive_topic(partition) : topic_ + "." + group_ + ".redrive";
  }
  Result<StreamId> last_entry_up_to(StreamId id) const;
  Result<std::vector<StreamId>> cursors_now() const;
  Result<void> count(CursorMove& move, const std::string& topic, StreamId begin, StreamId end) const;
  Result<void> count_unforwarded(CursorMove& move) const;
  Result<model::GroupInfo> group_at(const std::string& topic) const;
  Result<void> check_unread(const std::string& topic, std::string_view what) const;
  Result<std::vector<std::string>> places_by_name();
  Result<void> give_up_pending(StreamId above);

  store::Store& store_;
  std::string topic_, group_;
  std::optional<Placement> placement_;
  Pauses pauses_;
};

}  // namespace tidemark::kit
