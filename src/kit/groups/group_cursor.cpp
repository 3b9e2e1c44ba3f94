#include "kit/groups/group_cursor.hpp"

#include <algorithm>

#include "json/scalar.hpp"

namespace tidemark::kit {
namespace {

// Entries that are counted one by one, where the store has to.
constexpr std::uint64_t COUNTED_MAX = 1'000'000;
constexpr std::uint32_t PENDING_STEP = 100;

// The highest id below this one: entries behind it begin with this one.
StreamId before(StreamId id) {
  if (id.seq > 0) return {id.ms, id.seq - 1};
  return id.ms > 0 ? StreamId{id.ms - 1, UINT64_MAX} : StreamId::min();
}

}  // namespace

GroupCursor::GroupCursor(store::Store& store, Clock& clock, std::string topic, std::string group,
                         std::optional<Placement> placement)
    : store_{store},
      topic_{std::move(topic)},
      group_{std::move(group)},
      placement_{std::move(placement)},
      pauses_{store, clock} {}

Result<model::GroupInfo> GroupCursor::group_at(const std::string& topic) const {
  auto groups = store_.groups(topic);
  if (!groups) return groups.error();
  const auto found = std::ranges::find(*groups, group_, &model::GroupInfo::name);
  if (found == groups->end())
    return fail(ErrorCode::not_found, "there is no such group", "group '" + group_ + "' of topic '" + topic + "'");
  return std::move(*found);
}

// --- Planning ---

Result<StreamId> GroupCursor::position(std::string_view to) {
  if (to == "start") return StreamId::min();
  if (to == "end") {
    const auto topic = store_.topic(topic_);
    if (!topic) return topic.error();
    return topic->last_id;
  }
  if (const auto time = json::parse_time(to)) {
    const auto ms = time->time_since_epoch().count();
    return before({static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0)), 0});
  }
  const auto id = StreamId::parse(to);
  if (!id)
    return fail(ErrorCode::invalid,
                "expected \"start\", \"end\", an id (\"1700000000000-0\") or a time (\"2026-01-31T12:00:00Z\")", "to");
  return before(*id);
}

// So that a cursor shows where it stands.
Result<StreamId> GroupCursor::last_entry_up_to(StreamId id) const {
  if (id == StreamId::max()) return id;
  const auto entries = store_.read_back(topic_, id.next(), 1);
  if (!entries) return entries.error();
  return entries->empty() ? StreamId::min() : entries->front().id;
}

Result<CursorMove> GroupCursor::plan(StreamId to) {
  const auto topic = store_.topic(topic_);
  if (!topic) return topic.error();
  to = std::min(to, topic->last_id);
  const auto entry = last_entry_up_to(to);
  if (!entry) return entry.error();
  auto cursors = cursors_now();
  if (!cursors) return cursors.error();
  CursorMove move{.from = *std::ranges::min_element(*cursors), .to = *entry};
  if (move.is_back() && to >= move.from) move.to = move.from;  // there is nothing in between
  if (move.is_back() && has_inboxes())
    return fail(ErrorCode::conflict,
                "the service has several partitions, or a store of several servers, and what its inboxes have handed "
                "over is gone from them: the cursor moves forward only. To have events handled again, give the handler "
                "another .group(…), which begins at the topic's start, or publish them anew",
                "group '" + group_ + "'");
  for (std::uint16_t partition = 0; partition < places(); ++partition) {
    const auto [begin, end] = std::minmax((*cursors)[partition], move.to);
    if (has_inboxes() && begin == move.to) continue;  // it is further than that
    TIDEMARK_TRY(count(move, place(partition), begin, end));
  }
  if (has_inboxes()) TIDEMARK_TRY(count_unforwarded(move));
  return move;
}

// In each place.
Result<std::vector<StreamId>> GroupCursor::cursors_now() const {
  std::vector<StreamId> cursors;
  for (std::uint16_t partition = 0; partition < places(); ++partition) {
    const auto group = group_at(place(partition));
    if (!group) return group.error();
    cursors.push_back(group->cursor);
  }
  return cursors;
}

Result<void> GroupCursor::count(CursorMove& move, const std::string& topic, StreamId begin, StreamId end) const {
  const auto counted = store_.count_entries(topic, begin, end, COUNTED_MAX);
  if (!counted) return counted.error();
  move.events += counted->count;
  move.is_exact = move.is_exact && counted->is_exact;
  return {};
}

// What no inbox has yet.
Result<void> GroupCursor::count_unforwarded(CursorMove& move) const {
  StreamId furthest;
  for (std::uint16_t partition = 0; partition < places(); ++partition) {
    const auto inbox = store_.topic(place(partition));
    if (!inbox) return inbox.error();
    furthest = std::max(furthest, inbox->last_id);
  }
  return count(move, topic_, furthest, move.to);
}

// --- What must not go on meanwhile ---

Result<void> GroupCursor::check_unread(const std::string& topic, std::string_view what) const {
  const auto group = group_at(topic);
  if (!group) return group.error();
  for (const auto& consumer : group->consumers)
    if (consumer.name != OPERATOR && consumer.idle < CONSUMER_AT_WORK)
      return fail(ErrorCode::conflict,
                  "a consumer, '" + consumer.name + "', read it " + std::to_string(consumer.idle.count() / 1000) +
                      " s ago; " + std::string{what},
                  "group '" + group_ + "'");
  return {};
}

Result<void> GroupCursor::check_at_rest() {
  const auto pause = pauses_.find(topic_, group_);
  if (!pause) return pause.error();
  if (!*pause)
    return fail(ErrorCode::conflict, "it is not paused; pause it first, so that nothing is in flight",
                "group '" + group_ + "'");
  for (std::uint16_t partition = 0; partition < places(); ++partition) {
    const auto rests = pauses_.has_stopped(topic_, group_, partition, **pause);
    if (!rests) return rests.error();
    if (*rests) continue;
    const auto what =
        "events are still in flight, or its process has not seen the pause yet; try again in some seconds";
    TIDEMARK_TRY(check_unread(place(partition), what));
    const auto redriven = check_unread(redriven_place(partition), what);
    if (!redriven && redriven.error().code != ErrorCode::not_found) return redriven.error();
  }
  return {};
}

// The topics that only this group reads, and the one that it is of, wherever a service that nobody knows any more had
// them. That one comes first.
Result<std::vector<std::string>> GroupCursor::places_by_name() {
  const auto topics = store_.topics();
  if (!topics) return topics.error();
  std::vector<std::string> names{topic_};
  const auto own = topic_ + "." + group_, redriven = own + ".redrive";
  for (const auto& topic : *topics) {
    const auto tag = topic.name.starts_with('{') ? topic.name.find('}') : std::string::npos;
    const auto name = std::string_view{topic.name}.substr(tag == std::string::npos ? 0 : tag + 1);
    const bool is_inbox = tag != std::string::npos && name == own;
    if ((is_inbox || name == redriven) && group_at(topic.name)) names.push_back(topic.name);
  }
  return names;
}

// --- Doing ---

Result<CursorMove> GroupCursor::move(StreamId to) {
  auto move = plan(to);
  if (!move) return move;
  TIDEMARK_TRY(check_at_rest());
  for (std::uint16_t partition = 0; partition < places(); ++partition) {
    const auto group = group_at(place(partition));
    if (!group) return group.error();
    if (has_inboxes() && group->cursor >= move->to) continue;
    TIDEMARK_TRY(store_.move_cursor(place(partition), group_, move->to));
  }
  // The cursor first: what is given up comes again. A move that failed in between left pending what lies behind the
  // cursor, where it stands now.
  if (!has_inboxes() && move->to <= move->from) TIDEMARK_TRY(give_up_pending(move->to));
  TIDEMARK_TRY(store_.wait_durable(store_.seen()));
  return move;
}

Result<void> GroupCursor::give_up_pending(StreamId above) {
  const store::Subscription by{topic_, group_, std::string{OPERATOR}};
  for (;;) {
    auto batch = store_.claim(by, Duration{0}, above, PENDING_STEP);
    if (!batch) return batch.error();
    if (batch->deliveries.empty()) return {};
    above = batch->deliveries.back().id;
    model::Commit commit;
    commit.partition = placement_ ? placement_->partition(0) : model::Partition{"tidemark", 0};
    for (const auto& delivery : batch->deliveries)
      commit.settlements.push_back({.topic = topic_, .group = group_, .id = delivery.id, .token = delivery.token});
    const auto committed = store_.commit(commit);
    if (!committed) return committed.error();
  }
}

Result<void> GroupCursor::remove() {
  if (placement_)
    return fail(ErrorCode::conflict, "a handler of this process reads as it; take the handler out of its service first",
                "group '" + group_ + "'");
  auto all = places_by_name();
  if (!all) return all.error();
  for (const auto& topic : *all)
    TIDEMARK_TRY(check_unread(topic, "end the processes that read as it first; it is abandoned a minute after that"));
  const auto pause = pauses_.find(topic_, group_);
  if (!pause) return pause.error();
  if (*pause)
    return fail(ErrorCode::conflict,
                "it is paused, so that nobody reads as it, even where its process is alive; resume it first (`tidemark "
                "resume " +
                    topic_ + " " + group_ + "`): it is abandoned when nobody reads as it for a minute after that",
                "group '" + group_ + "'");
  for (const auto& topic : *all) {
    const auto removed = store_.remove_group(topic, group_);
    if (!removed && (topic == topic_ || removed.error().code != ErrorCode::not_found)) return removed.error();
  }
  if (const auto resumed = pauses_.resume(topic_, group_); !resumed) return resumed.error();
  return store_.wait_durable(store_.seen());
}

}  // namespace tidemark::kit
