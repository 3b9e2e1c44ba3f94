// A topic's entries as they come, as server-sent events.
#include "fiber/fiber.hpp"
#include "json/json.hpp"
#include "kit/admin/endpoints.hpp"
#include "kit/admin/entry_view.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t BATCH_ENTRIES = 500;
// Shorter than the time after which proxies give up on a silent connection.
constexpr Duration KEEP_ALIVE = std::chrono::seconds{15};
// Under load a stream looks this often and not at every commit.
constexpr Duration GATHER = std::chrono::milliseconds{50};

// What is sent is read a page at a time, when the client has taken the page before: a slow one costs no memory.
class Tail {
 public:
  Tail(const AdminContext& context, std::string topic, EntryFilter filter, StreamId after)
      : store_{context.store},
        clock_{context.clock},
        topic_{std::move(topic)},
        filter_{std::move(filter)},
        views_{context, topic_},
        at_{after} {}

  void run(EventWriter& out) {
    out.comment("connected");
    for (;;) {
      // A wait makes what it waits for: a topic that was removed stays so.
      if (const auto topic = store_.topic(topic_); !topic) return out.comment(topic.error().text());
      const store::Position position{topic_, at_};
      if (!store_.wait_for_entries(std::span{&position, 1}, clock_.instant() + KEEP_ALIVE).or_raise()) {
        out.comment("keep-alive");
        continue;
      }
      const auto entries = store_.read(topic_, at_, BATCH_ENTRIES).or_raise();
      for (const auto& entry : entries) send(out, entry);
      // What is passed over must not keep a connection silent for ever.
      if (!entries.empty() && clock_.instant() - sent_ > KEEP_ALIVE) comment(out);
      if (entries.size() < BATCH_ENTRIES)
        this_fiber::sleep_for(GATHER);
      else
        this_fiber::yield();
    }
  }

 private:
  void send(EventWriter& out, const model::Entry& entry) {
    at_ = entry.id;
    if (!matches(filter_, views_, entry)) return;
    out.send("entry", at_.text(), json::to_json(views_.of(entry)).or_raise());
    sent_ = clock_.instant();
  }
  void comment(EventWriter& out) {
    out.comment("at " + at_.text());
    sent_ = clock_.instant();
  }

  store::Store& store_;
  Clock& clock_;
  const std::string topic_;
  const EntryFilter filter_;
  const EntryViews views_;
  StreamId at_;
  Instant sent_ = clock_.instant();
};

StreamId beginning_of(const AdminContext& context, const std::string& topic, const Request& request) {
  const auto info = context.store.topic(topic).or_raise();
  if (const auto last = request.header("Last-Event-ID")) return StreamId::parse(*last).or_raise();
  return info.last_id;
}

}  // namespace

void add_tail_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("topics");
  routes.get<EntryFilter>("/topics/{topic}/tail",
                          "A topic's entries from now on, or from Last-Event-ID: events 'entry'",
                          [&context](const EntryFilter& filter, Request& request) {
                            const auto& topic = request.path_parameter("topic");
                            const auto after = beginning_of(context, topic, request);
                            return EventSource{[&context, topic, filter, after](EventWriter& out) {
                              Tail{context, topic, filter, after}.run(out);
                            }};
                          });
}

}  // namespace tidemark::kit
