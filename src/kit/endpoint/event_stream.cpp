#include "kit/endpoint/event_stream.hpp"

#include <algorithm>

#include "fiber/fiber.hpp"
#include "kit/service/envelope.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t BATCH_ENTRIES = 100;
// Shorter than the time after which proxies give up on a silent connection.
constexpr Duration KEEP_ALIVE = std::chrono::seconds{15};
// Under load a stream looks this often and not at every commit, so that many readers do not cost the writers more than
// a few of them do.
constexpr Duration GATHER = std::chrono::milliseconds{20};

}  // namespace

std::string position_text(std::span<const store::Position> positions) {
  std::string text;
  for (const auto& position : positions) {
    if (!text.empty()) text += ',';
    text += position.topic + '=' + position.after.text();
  }
  return text;
}

Result<void> apply_position(std::string_view text, std::span<store::Position> positions) {
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto equals = part.find('=');
    if (equals == part.npos)
      return fail(ErrorCode::malformed, "expected <topic>=<id>, separated by commas", "Last-Event-ID");
    auto id = StreamId::parse(part.substr(equals + 1));
    if (!id) return fail(ErrorCode::malformed, id.error().text(), "Last-Event-ID");
    const auto position = std::ranges::find(positions, part.substr(0, equals), &store::Position::topic);
    if (position != positions.end()) position->after = *id;
  }
  return {};
}

std::vector<store::Position> EventStream::start(const Request& request) const {
  std::vector<store::Position> positions;
  for (const auto& topic : spec_.topics) {
    auto info = runtime_.store.topic(topic.name);
    if (!info && info.error().code != ErrorCode::not_found) raise(info.error());
    positions.push_back({topic.name, info ? info->last_id : StreamId::min()});
  }
  if (const auto last = request.header("Last-Event-ID")) apply_position(*last, positions).or_raise();
  return positions;
}

Response EventStream::operator()(Request& request) const {
  return Response::server_sent_events([this, positions = start(request)](EventWriter& out) mutable {
    out.comment("connected");
    for (;;) {
      const auto until = runtime_.clock.instant() + KEEP_ALIVE;
      if (!runtime_.store.wait_for_entries(positions, until).or_raise()) {
        out.comment("keep-alive");
        continue;
      }
      send(out, positions);
      this_fiber::sleep_for(GATHER);
    }
  });
}

// Oldest first over what is there. Topics are read one after the other, so events of different topics may cross.
void EventStream::send(EventWriter& out, std::vector<store::Position>& positions) const {
  struct Next {
    std::size_t topic;
    model::Entry entry;
  };
  std::vector<Next> events;
  auto end = StreamId::max();  // beyond it, a topic of which not all was read may have older ones
  for (std::size_t i = 0; i < positions.size(); ++i) {
    auto entries = runtime_.store.read(positions[i].topic, positions[i].after, BATCH_ENTRIES);
    if (!entries) {
      if (entries.error().code == ErrorCode::not_found) continue;
      raise(entries.error());
    }
    if (entries->size() == BATCH_ENTRIES) end = std::min(end, entries->back().id);
    for (auto& entry : *entries) events.push_back({i, std::move(entry)});
  }
  std::ranges::stable_sort(events, {}, [](const Next& event) { return event.entry.id; });
  for (const auto& [topic, entry] : events) {
    if (entry.id > end) return;
    positions[topic].after = entry.id;
    out.send(spec_.topics[topic].name, position_text(positions), event_json(entry.fields, *spec_.topics[topic].event));
  }
}

}  // namespace tidemark::kit
