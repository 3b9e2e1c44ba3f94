#include "kit/admin.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "json/json.hpp"
#include "json/writer.hpp"
#include "kit/dead_letters.hpp"

namespace tidemark::kit {
namespace {

constexpr std::uint32_t LIMIT_DEFAULT = 50, LIMIT_MAX = 500;

std::uint32_t limit_of(const Request& request) {
  const auto text = request.query("limit");
  if (!text) return LIMIT_DEFAULT;
  std::uint32_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc{} || end != text->data() + text->size() || limit < 1 || limit > LIMIT_MAX)
    throw Invalid{"limit: expected a number from 1 to " + std::to_string(LIMIT_MAX) + ", got \"" + *text + "\""};
  return limit;
}

void write_letter(json::Writer& out, const DeadLetter& letter) {
  out.begin_object()
      .member("id", letter.id.text())
      .member("event_id", letter.origin)
      .member("error", letter.error)
      .member("attempts", letter.attempts)
      .member("time", letter.time)
      .key("fields")
      .begin_object();
  for (const auto& [name, value] : letter.event) out.member(name, value);
  out.end_object().end_object();
}

struct BackupBody {
  std::optional<std::uint32_t> keep;
};
BOOST_DESCRIBE_STRUCT(BackupBody, (), (keep))

// The body must be JSON and say so: no page of another origin can send that without asking first.
Response back_up(store::Store& store, const std::string& folder, const Request& request) {
  if (!request.header("Content-Type").value_or("").starts_with("application/json"))
    throw UnsupportedMediaType{"Content-Type: a backup is asked for with application/json: {}, or {\"keep\": 7}"};
  const auto wish = json::from_json<BackupBody>(request.body).or_raise();
  auto answer = store.backup({.folder = folder, .keep = wish.keep.value_or(0)});
  if (!answer && answer.error().code == ErrorCode::in_use) throw Conflict{answer.error().text()};
  const auto made = std::move(answer).or_raise();
  json::Writer out;
  out.begin_object().member("backup", made.path).member("lsn", made.lsn.value).member("made", made.made);
  out.member("bytes", made.bytes).member("copied_bytes", made.copied_bytes).key("removed").begin_array();
  for (const auto& name : made.removed) out.value(name);
  return Response::json(std::move(out.end_array().end_object()).text());
}

// The dead letters that a request names; only those of this service's handlers.
class Letters {
 public:
  Letters(Runtime& runtime, const detail::ServiceSpec& spec, const PartitionKeeper& keeper)
      : runtime_{runtime}, spec_{spec}, keeper_{keeper} {}

  DeadLetters of(const Request& request) const {
    const auto& topic = request.path_parameter("topic");
    const auto& group = request.path_parameter("group");
    const auto handler = std::ranges::find_if(
        spec_.handlers, [&](const auto& other) { return other.topic == topic && other.group == group; });
    if (handler == spec_.handlers.end())
      throw NotFound{"no handler of " + spec_.name + " reads '" + topic + "' as '" + group + "'"};
    return {runtime_.store, Placement{runtime_, *handler}};
  }
  static LetterId id_of(const Request& request) { return LetterId::parse(request.path_parameter("id")).or_raise(); }

  Response list(Request& request) const {
    const auto after = LetterId::parse(request.query("after").value_or("0-0")).or_raise();
    const auto limit = limit_of(request);
    auto letters = of(request).list(after, limit).or_raise();
    json::Writer out;
    out.begin_object().key("items").begin_array();
    for (const auto& letter : letters) write_letter(out, letter);
    out.end_array().key("next");
    letters.size() < limit ? out.value(nullptr) : out.value(letters.back().id.text());
    return Response::json(std::move(out.end_object()).text());
  }

  Response show(Request& request) const {
    json::Writer out;
    write_letter(out, of(request).get(id_of(request)).or_raise());
    return Response::json(std::move(out).text());
  }

  Response redrive(Request& request) const {
    std::optional<model::Fields> edited;
    if (!request.body.empty()) {
      edited.emplace();
      for (const auto& [name, value] : json::from_json<std::map<std::string, std::string>>(request.body).or_raise())
        edited->add(name, value);
    }
    const auto id = of(request).redrive(id_of(request), std::move(edited)).or_raise();
    json::Writer out;
    out.begin_object().member("redriven_as", id.text()).end_object();
    return Response::json(std::move(out).text());
  }

  Response discard(Request& request) const {
    of(request).discard(id_of(request)).or_raise();
    return Response::empty();
  }

  Response handlers(Request&) const {
    json::Writer out;
    out.begin_object().key("items").begin_array();
    for (const auto& handler : spec_.handlers) write_handler(out, handler);
    out.end_array().key("next").value(nullptr);
    out.key("partitions").begin_object().member("count", runtime_.partitions).key("held").begin_array();
    for (const auto number : keeper_.held()) out.value(number);
    return Response::json(std::move(out.end_array().end_object().end_object()).text());
  }

 private:
  // What waits at a topic for the group; nothing where a partition has not been begun yet.
  void add_waiting(model::GroupInfo& sum, const std::string& topic) const {
    auto groups = runtime_.store.groups(topic);
    if (!groups && groups.error().code == ErrorCode::not_found) return;
    for (const auto& group : std::move(groups).or_raise()) {
      if (group.name != sum.name) continue;
      sum.lag += group.lag;
      sum.pending += group.pending;
      if (topic == sum.topic) sum.cursor = group.cursor;
    }
  }

  void write_handler(json::Writer& out, const detail::HandlerSpec& handler) const {
    const Placement placement{runtime_, handler};
    model::GroupInfo sum{.topic = handler.topic, .name = handler.group};
    add_waiting(sum, handler.topic);
    for (std::uint16_t number = 0; placement.has_inboxes() && number < runtime_.partitions; ++number)
      add_waiting(sum, placement.topic(number));
    out.begin_object().member("topic", sum.topic).member("group", sum.name).member("cursor", sum.cursor.text());
    out.member("lag", sum.lag).member("pending", sum.pending);
    out.member("dead_letters", DeadLetters{runtime_.store, placement}.count().or_raise()).end_object();
  }

  Runtime& runtime_;
  const detail::ServiceSpec& spec_;
  const PartitionKeeper& keeper_;
};

}  // namespace

void add_admin(http::Router& router, Runtime& runtime, const detail::ServiceSpec& spec, const PartitionKeeper& keeper,
               std::string backups) {
  const Letters letters{runtime, spec, keeper};
  const std::string dead = "/admin/v1/dead-letters/{topic}/{group}";
  router.get("/admin/v1/handlers", [letters](Request& request) { return letters.handlers(request); });
  router.get(dead, [letters](Request& request) { return letters.list(request); });
  router.get(dead + "/{id}", [letters](Request& request) { return letters.show(request); });
  router.post(dead + "/{id}/redrive", [letters](Request& request) { return letters.redrive(request); });
  router.post("/admin/v1/backup", [&runtime, folder = std::move(backups)](Request& request) {
    return back_up(runtime.store, folder, request);
  });
  router.erase(dead + "/{id}", [letters](Request& request) { return letters.discard(request); });
}

}  // namespace tidemark::kit
