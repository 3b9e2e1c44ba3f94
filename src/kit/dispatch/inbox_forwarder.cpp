#include "kit/dispatch/inbox_forwarder.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "kit/run/side_by_side.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t BATCH_ENTRIES = 128;
constexpr std::size_t BATCH_BYTES = 1 << 20;         // 1 MiB of fields, or one entry
constexpr Duration WAIT = std::chrono::seconds{30};  // for entries; then it looks anew at how everything stands
// How often inboxes that nothing was for, and the group's cursor, are brought up to where the others are.
constexpr Duration SETTLE = std::chrono::seconds{1};

void cut(std::vector<model::Entry>& entries) {
  std::size_t bytes = 0, count = 0;
  while (count < entries.size() && (count == 0 || bytes + entries[count].fields.bytes().size() <= BATCH_BYTES))
    bytes += entries[count++].fields.bytes().size();
  entries.resize(count);
}

}  // namespace

InboxForwarder::InboxForwarder(fiber::Loop& loop, Runtime& runtime, const detail::HandlerSpec& spec)
    : loop_{loop},
      runtime_{runtime},
      placement_{runtime, spec},
      name_{runtime.service + ": " + spec.topic + " (" + spec.group + ")"},
      forwarded_{runtime.metrics.counter(
          "tidemark_events_forwarded_total", "Events that were brought to the partitions' inboxes.",
          {{"service", runtime.service}, {"topic", spec.topic}, {"group", spec.group}})} {}

void InboxForwarder::start() {
  fiber_ = loop_.spawn("forward " + name_, [this] { run(); });
}

void InboxForwarder::stop() {
  if (!fiber_) return;
  fiber_.cancel();
  fiber_.join();
  fiber_ = {};
}

void InboxForwarder::run() {
  bool works = true;
  for (;;) {
    Result<bool> more = true;
    try {
      more = forward_some();
      if (more && (*more || wait_for_more())) continue;
    } catch (const fiber::Cancelled&) {
      throw;
    } catch (const Error& error) {  // a lack of fibers
      more = fail(error.code(), error.what());
    }
    if (!more) {
      if (std::exchange(works, false))
        log::warn("events can't be brought to the inboxes; trying on",
                  {{"handler", name_}, {"error", more.error().text()}});
      this_fiber::sleep_for(STORE_RETRY);
    } else if (!std::exchange(works, true)) {
      log::info("events are brought to the inboxes again", {{"handler", name_}});
    }
    stands_.clear();
  }
}

// False when all should be looked at anew.
bool InboxForwarder::wait_for_more() {
  const std::array positions{store::Position{placement_.source(), read_}};
  const bool settled = is_settled();
  const auto until = settled ? runtime_.clock.instant() + WAIT : settle_at_;
  auto waited = runtime_.store.wait_for_entries(positions, until);
  if (!waited) this_fiber::sleep_for(STORE_RETRY);
  return waited && (*waited || !settled);
}

Result<bool> InboxForwarder::forward_some() {
  if (stands_.empty()) TIDEMARK_TRY(ask_all());
  auto entries = runtime_.store.read(placement_.source(), read_, BATCH_ENTRIES);
  if (!entries) return entries.error();
  cut(*entries);
  const auto count = entries->size();
  if (count > 0) {
    const auto last = entries->back().id;
    TIDEMARK_TRY(forward(last, shares_of(std::move(*entries))));
    read_ = last;
    forwarded_.add(count);
  }
  if (!is_settled() && runtime_.clock.instant() >= settle_at_) TIDEMARK_TRY(settle());
  return count > 0;
}

// --- How everything stands ---

Result<void> InboxForwarder::ask_all() {
  stands_.assign(placement_.partitions(), StreamId::min());
  auto asked = forward(StreamId::min(), nothing_for([](StreamId) { return true; }));
  if (asked) asked = begin_new_inboxes();
  if (!asked) {
    stands_.clear();
    return asked;
  }
  read_ = *std::ranges::min_element(stands_);
  report_lost_history();
  return {};
}

// An inbox that has nothing begins where its group did at the topic: all that lies below the cursor is in every inbox,
// or is nothing that the group is to see.
Result<void> InboxForwarder::begin_new_inboxes() {
  auto fresh = nothing_for([](StreamId stands) { return stands == StreamId::min(); });
  if (fresh.empty()) return {};
  auto groups = runtime_.store.groups(placement_.source());
  if (!groups) return groups.error();
  const auto group = std::ranges::find(*groups, placement_.group(), &model::GroupInfo::name);
  if (group == groups->end()) return {};
  return forward(group->cursor, std::move(fresh));
}

void InboxForwarder::report_lost_history() {
  const auto source = runtime_.store.topic(placement_.source());
  const auto furthest = *std::ranges::max_element(stands_);
  const bool lost = source && source->last_id < furthest;
  if (lost && !lost_history_)
    log::error(
        "a topic ends before what was forwarded from it: it has lost its last events, or was made anew; what is "
        "published now is passed over until its ids are higher again",
        {{"handler", name_}, {"ends", source->last_id.text()}, {"forwarded", furthest.text()}});
  lost_history_ = lost;
}

bool InboxForwarder::is_settled() const {
  return moved_to_ >= read_ && std::ranges::all_of(stands_, [&](StreamId stands) { return stands >= read_; });
}

// Brings every inbox up to what was read, and then the group's cursor.
Result<void> InboxForwarder::settle() {
  TIDEMARK_TRY(forward(read_, nothing_for([this](StreamId stands) { return stands < read_; })));
  if (moved_to_ < read_) {
    // Retention may drop what lies below the cursor, so that must be safe where it is now.
    TIDEMARK_TRY(runtime_.store.wait_durable(lsn_));
    TIDEMARK_TRY(runtime_.store.move_cursor(placement_.source(), placement_.group(), read_));
    moved_to_ = read_;
  }
  settle_at_ = runtime_.clock.instant() + SETTLE;
  return {};
}

// --- Forwarding ---

InboxForwarder::Shares InboxForwarder::shares_of(std::vector<model::Entry> entries) const {
  Shares shares;
  if (placement_.in_every_partition()) {
    for (std::uint16_t partition = 0; partition < placement_.partitions(); ++partition) shares[partition] = entries;
    return shares;
  }
  for (auto& entry : entries) shares[placement_.partition_of(entry.fields)].push_back(std::move(entry));
  return shares;
}

// For the inboxes that stand where `wanted` says.
template <class Wanted>
InboxForwarder::Shares InboxForwarder::nothing_for(const Wanted& wanted) const {
  Shares shares;
  for (std::uint16_t partition = 0; partition < placement_.partitions(); ++partition)
    if (wanted(stands_[partition])) shares[partition];
  return shares;
}

Result<void> InboxForwarder::forward(StreamId to, Shares shares) {
  std::optional<Failure> failure;
  auto next = shares.begin();
  side_by_side("forward " + name_, shares.size(), [&](std::size_t) {
    auto& [partition, entries] = *next++;
    if (auto forwarded = forward_to(partition, to, std::move(entries)); !forwarded) failure = forwarded.error();
  });
  if (failure) return std::move(*failure);
  return {};
}

// There is nothing for the inbox between where it stands and the first of the entries.
Result<void> InboxForwarder::forward_to(std::uint16_t partition, StreamId to, std::vector<model::Entry> entries) {
  model::Forwarding forwarding{.source = placement_.source(),
                               .target = placement_.topic(partition),
                               .from = std::min(stands_[partition], to),
                               .to = to,
                               .entries = std::move(entries)};
  std::erase_if(forwarding.entries, [&](const model::Entry& entry) { return entry.id <= forwarding.from; });
  auto forwarded = runtime_.store.forward(forwarding);
  if (!forwarded) return forwarded.error();
  if (forwarded->last < to)
    return fail(ErrorCode::unavailable, "it ends before what it was given already; asking all of them anew",
                forwarding.target);
  stands_[partition] = forwarded->last;
  lsn_ = std::max(lsn_, forwarded->lsn);
  return {};
}

}  // namespace tidemark::kit
