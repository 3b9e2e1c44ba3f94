// A topic's entries: pages of them, searched, and one with what each group has done with it.
#include <algorithm>

#include "fiber/fiber.hpp"
#include "kit/admin/endpoints.hpp"
#include "kit/admin/entry_view.hpp"
#include "kit/dispatch/dead_letters.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t LIMIT_STANDARD = 50, LIMIT_MAX = 500;
// A page ends after so many entries even when it is not full.
constexpr std::uint32_t SCANNED_MAX = 20'000, SCANNED_AT_ONCE = 500;
constexpr std::size_t PAGE_BYTES_MAX = 4 << 20;  // 4 MiB of fields; the page ends behind the entry that passes it
// So many of the newest dead letters are looked through for one event's.
constexpr std::uint32_t LETTERS_LOOKED_AT = 2'000;

enum class EntryOrder { newest, oldest };
BOOST_DESCRIBE_ENUM(EntryOrder, newest, oldest)

struct EntriesQuery : EntryFilter {
  std::optional<EntryOrder> order;
  std::optional<std::string> after;
  std::optional<std::uint32_t> limit;

  static Constraints<EntriesQuery> constraints() { return {{&EntriesQuery::limit, {.min = 1, .max = LIMIT_MAX}}}; }
};
BOOST_DESCRIBE_STRUCT(EntriesQuery, (EntryFilter), (order, after, limit))

enum class EntryState { waiting, pending, done, dead };
BOOST_DESCRIBE_ENUM(EntryState, waiting, pending, done, dead)

struct EntryGroup {
  std::string group;
  std::optional<std::string> service;  // of this process, that reads as it
  EntryState state = EntryState::done;
  std::optional<std::uint32_t> attempts;
  std::optional<TimePoint> retry_at;
  std::optional<std::string> error;
};
BOOST_DESCRIBE_STRUCT(EntryGroup, (), (group, service, state, attempts, retry_at, error))

struct EntryDetails : EntryView {
  std::vector<EntryGroup> groups;
};
BOOST_DESCRIBE_STRUCT(EntryDetails, (EntryView), (groups))

StreamId first_of(TimePoint time) {
  const auto ms = time.time_since_epoch().count();
  return ms <= 0 ? StreamId::min() : StreamId{static_cast<std::uint64_t>(ms), 0};
}

// Walks a topic from one end, in the bounds of a query.
class Search {
 public:
  Search(const AdminContext& context, const std::string& topic, const EntriesQuery& query)
      : store_{context.store}, topic_{topic}, query_{query}, views_{context, topic} {
    newest_first_ = query.order.value_or(EntryOrder::newest) == EntryOrder::newest;
    at_ = place_after<StreamId>(query.after).value_or(newest_first_ ? StreamId::max() : StreamId::min());
    if (newest_first_ && query.to) at_ = std::min(at_, first_of(*query.to));
    if (!newest_first_ && query.from && first_of(*query.from) > StreamId::min())
      at_ = std::max(at_, first_of(*query.from).previous());
  }

  List<EntryView> run() {
    const auto limit = query_.limit.value_or(LIMIT_STANDARD);
    const bool is_filtered = query_.key || query_.type || query_.text;
    List<EntryView> page;
    std::uint64_t scanned = 0;
    std::size_t bytes = 0;
    const auto is_full = [&] {
      return page.items.size() == limit || scanned == SCANNED_MAX || bytes >= PAGE_BYTES_MAX;
    };
    while (!is_full()) {
      const auto wanted = is_filtered ? SCANNED_AT_ONCE : limit - static_cast<std::uint32_t>(page.items.size());
      const auto entries = read(wanted);
      if (entries.empty()) return end_of(std::move(page), scanned);
      for (const auto& entry : entries) {
        if (is_behind_end(entry.id)) return end_of(std::move(page), scanned);
        ++scanned;
        at_ = entry.id;
        if (matches(query_, views_, entry)) {
          page.items.push_back(views_.of(entry));
          bytes += entry.fields.bytes().size();
        }
        if (is_full()) break;
      }
      this_fiber::yield();  // a long search is not to keep others of this thread waiting
    }
    page.next = at_.text();
    return end_of(std::move(page), scanned);
  }

 private:
  std::vector<model::Entry> read(std::uint32_t count) {
    return (newest_first_ ? store_.read_back(topic_, at_, count) : store_.read(topic_, at_, count)).or_raise();
  }
  bool is_behind_end(StreamId id) const {
    return newest_first_ ? query_.from && time_of(id) < *query_.from : query_.to && time_of(id) >= *query_.to;
  }
  static List<EntryView> end_of(List<EntryView> page, std::uint64_t scanned) {
    page.scanned = scanned;
    return page;
  }

  store::Store& store_;
  const std::string& topic_;
  const EntriesQuery& query_;
  EntryViews views_;
  bool newest_first_ = true;
  StreamId at_;
};

// What a group has done with one entry. Where a handler reads inboxes, the group's cursor at the topic says only how
// far the entry was brought, and the rest stands there.
class EntryStates {
 public:
  EntryStates(const AdminContext& context, const std::string& topic, const model::Entry& entry)
      : context_{context}, store_{context.store}, topic_{topic}, entry_{entry} {}

  EntryGroup at(const model::GroupInfo& group) {
    EntryGroup state{.group = group.name};
    const auto handler = context_.find_handler(topic_, group.name);
    std::optional<Placement> placement;
    if (handler) {
      state.service = handler->service.spec.name;
      placement = handler->placement();
    }
    if (group.cursor < entry_.id) {
      state.state = EntryState::waiting;
      return state;
    }
    if (look_for_pending(state, topic_, group.name)) return state;
    if (placement && placement->has_inboxes() && look_in_inboxes(state, *placement)) return state;
    look_for_letter(state,
                    placement ? placement->dead_topic(partition_of(*placement)) : topic_ + "." + group.name + ".dead");
    return state;
  }

 private:
  static std::uint16_t partition_of(const Placement& placement, const model::Fields& fields) {
    return placement.in_every_partition() ? std::uint16_t{0} : placement.partition_of(fields);
  }
  std::uint16_t partition_of(const Placement& placement) const { return partition_of(placement, entry_.fields); }

  bool look_for_pending(EntryGroup& state, const std::string& topic, const std::string& group) {
    const auto pending = store_.pending(topic, group, entry_.id.previous(), 1);
    if (!pending || pending->empty() || pending->front().id != entry_.id) return false;
    const auto& found = pending->front();
    state.state = EntryState::pending;
    state.attempts = found.attempts;
    state.retry_at = found.retry_at;
    if (!found.last_error.empty()) state.error = found.last_error;
    return true;
  }

  bool look_in_inboxes(EntryGroup& state, const Placement& placement) {
    const std::uint16_t first = partition_of(placement);
    const std::uint16_t last = placement.in_every_partition() ? placement.partitions() : first + 1;
    for (std::uint16_t number = first; number < last; ++number) {
      const auto inbox = placement.topic(number);
      if (look_for_pending(state, inbox, placement.group())) return true;
      const auto groups = store_.groups(inbox);
      if (!groups) continue;
      for (const auto& group : *groups) {
        if (group.name != placement.group() || group.cursor >= entry_.id) continue;
        state.state = EntryState::waiting;
        return true;
      }
    }
    return false;
  }

  void look_for_letter(EntryGroup& state, const std::string& dead_topic) {
    auto before = StreamId::max();
    for (std::uint32_t looked_at = 0; looked_at < LETTERS_LOOKED_AT; this_fiber::yield()) {
      const auto letters =
          store_.read_back(dead_topic, before, std::min(SCANNED_AT_ONCE, LETTERS_LOOKED_AT - looked_at));
      if (!letters || letters->empty()) return;  // without a topic, nothing was ever buried
      for (const auto& letter : *letters) {
        if (letter.fields.find("dl_id") != entry_.id.text()) continue;
        state.state = EntryState::dead;
        state.error = letter.fields.find("dl_error").value_or("");
        return;
      }
      looked_at += static_cast<std::uint32_t>(letters->size());
      before = letters->back().id;
    }
  }

  const AdminContext& context_;
  store::Store& store_;
  const std::string& topic_;
  const model::Entry& entry_;
};

EntryDetails details_of(const AdminContext& context, const std::string& topic, StreamId id) {
  const auto entry = context.store.read_one(topic, id).or_raise();
  if (!entry) throw NotFound{"the topic '" + topic + "' has no entry " + id.text() + " (any more)"};
  EntryDetails details{EntryViews{context, topic}.of(*entry), {}};
  EntryStates states{context, topic, *entry};
  for (const auto& group : context.store.groups(topic).or_raise()) details.groups.push_back(states.at(group));
  return details;
}

}  // namespace

void add_entry_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("topics");
  routes.get<EntriesQuery>("/topics/{topic}/entries", "A page of a topic's entries",
                           [&context](const EntriesQuery& query, Request& request) {
                             return Search{context, request.path_parameter("topic"), query}.run();
                           });
  routes.get("/topics/{topic}/entries/{id}", "One entry, and what each group has done with it",
             [&context](Request& request) {
               return details_of(context, request.path_parameter("topic"),
                                 StreamId::parse(request.path_parameter("id")).or_raise());
             });
}

}  // namespace tidemark::kit
