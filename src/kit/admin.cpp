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

// The dead letters that a request names; only those of this service's handlers.
class Letters {
 public:
  Letters(Runtime& runtime, const detail::ServiceSpec& spec) : runtime_{runtime}, spec_{spec} {}

  DeadLetters of(const Request& request) const {
    const auto& topic = request.path_parameter("topic");
    const auto& group = request.path_parameter("group");
    const bool known = std::ranges::any_of(
        spec_.handlers, [&](const auto& handler) { return handler.topic == topic && handler.group == group; });
    if (!known) throw NotFound{"no handler of " + spec_.name + " reads '" + topic + "' as '" + group + "'"};
    return {runtime_.store, topic, group};
  }
  static StreamId id_of(const Request& request) { return StreamId::parse(request.path_parameter("id")).or_raise(); }

  Response list(Request& request) const {
    const auto after = StreamId::parse(request.query("after").value_or("0-0")).or_raise();
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
    return Response::json(std::move(out.end_array().key("next").value(nullptr).end_object()).text());
  }

 private:
  void write_handler(json::Writer& out, const detail::HandlerSpec& handler) const {
    out.begin_object().member("topic", handler.topic).member("group", handler.group);
    for (const auto& group : runtime_.store.groups(handler.topic).or_raise())
      if (group.name == handler.group)
        out.member("cursor", group.cursor.text()).member("lag", group.lag).member("pending", group.pending);
    const auto dead = runtime_.store.topic(dead_topic(handler.topic, handler.group));
    out.member("dead_letters", dead ? dead->length : 0).end_object();
  }

  Runtime& runtime_;
  const detail::ServiceSpec& spec_;
};

}  // namespace

void add_admin(http::Router& router, Runtime& runtime, const detail::ServiceSpec& spec) {
  const Letters letters{runtime, spec};
  const std::string dead = "/admin/v1/dead-letters/{topic}/{group}";
  router.get("/admin/v1/handlers", [letters](Request& request) { return letters.handlers(request); });
  router.get(dead, [letters](Request& request) { return letters.list(request); });
  router.get(dead + "/{id}", [letters](Request& request) { return letters.show(request); });
  router.post(dead + "/{id}/redrive", [letters](Request& request) { return letters.redrive(request); });
  router.erase(dead + "/{id}", [letters](Request& request) { return letters.discard(request); });
}

}  // namespace tidemark::kit
