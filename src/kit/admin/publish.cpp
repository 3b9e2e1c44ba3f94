// Publishes what an operator has written, as a service would.
#include "base/ulid.hpp"
#include "json/check.hpp"
#include "json/json.hpp"
#include "json/scalar.hpp"
#include "kit/admin/endpoints.hpp"
#include "kit/admin/entry_view.hpp"
#include "kit/admin/topic_state.hpp"
#include "kit/service/envelope.hpp"
#include "telemetry/log.hpp"
#include "telemetry/trace_context.hpp"

namespace tidemark::kit {
namespace {

constexpr std::string_view SOURCE = "/tidemark/admin";
// Events of operators are nobody's in particular.
const model::Partition PLACE{"tidemark", 0};

struct NewEvent {
  std::optional<std::string> key, type;
  Json data;
};
BOOST_DESCRIBE_STRUCT(NewEvent, (), (key, type, data))

struct Published {
  std::string id, ce_id;
};
BOOST_DESCRIBE_STRUCT(Published, (), (id, ce_id))

// A string's text, and the JSON of anything else: as stream fields have them.
std::string field_text(const Json& json) {
  if (!json.text.starts_with('"')) return json.text;
  return json::from_json<std::string>(json.text).or_raise();
}

// The members of the data, in the order of the event's type where that is known.
model::Fields members_of(const Json& data, const TypeInfo* event) {
  const auto members = json::from_json<std::map<std::string, Json>>(data.text).or_raise();
  model::Fields fields;
  const auto add = [&](const std::string& name, const Json& value) {
    if (value.text != "null") fields.add(name, field_text(value));
  };
  if (event != nullptr && event->kind == TypeKind::object) {
    for (const auto& field : event->fields())
      if (const auto found = members.find(std::string{field.name}); found != members.end())
        add(found->first, found->second);
    return fields;
  }
  for (const auto& [name, value] : members) {
    if (name.starts_with("ce_")) throw Invalid{"data." + name + ": names with ce_ are those of the envelope"};
    add(name, value);
  }
  return fields;
}

void check_topic(const AdminContext& context, const std::string& topic) {
  static_cast<void>(context.store.topic(topic).or_raise());  // a name that is misspelt is not to become a topic
  if (kind_of_topic(topic) != TopicKind::events)
    throw Invalid{"'" + topic + "' is written by Tidemark alone; publish to the topic that its events come from"};
}

void check_data(const Json& data, const TypeInfo* event) {
  if (!data.text.starts_with('{')) throw Invalid{"data: expected an object"};
  if (event == nullptr) return;
  if (auto checked = json::check(data.text, *event); !checked)
    throw Invalid{"data" + (checked.error().about.empty() ? "" : "." + checked.error().about) + ": " +
                  checked.error().message};
}

// The attributes that a service's event has, too.
void add_envelope(model::Fields& fields, const Published& published, const std::string& type, const std::string& key,
                  TimePoint now) {
  json::ScalarBuffer buffer;
  fields.add("ce_id", published.ce_id);
  if (!type.empty()) fields.add("ce_type", type);
  fields.add("ce_source", SOURCE);
  fields.add("ce_time", json::format(now, buffer));
  if (!key.empty()) fields.add("ce_subject", key);
  const telemetry::TraceContext trace{telemetry::TraceId::random(), telemetry::SpanId::random()};
  fields.add("ce_traceparent", telemetry::Traceparent{trace}.view());
}

Published publish(const AdminContext& context, const std::string& topic, const NewEvent& wish) {
  check_topic(context, topic);
  const auto* event = context.event_of(topic);
  check_data(wish.data, event);
  const auto now = context.clock.now();
  Published published{.id = {}, .ce_id = make_ulid(now, thread_random())};
  auto fields = members_of(wish.data, event);
  const auto key = wish.key.value_or(std::string{EntryViews{context, topic}.key_of(fields)});
  add_envelope(fields, published, wish.type.value_or(event ? std::string{event->name} : ""), key, now);
  check_size(fields).or_raise();

  model::Commit commit;
  commit.partition = PLACE;
  commit.refusable = true;
  commit.publications.push_back({.topic = topic, .fields = std::move(fields), .id = {}});
  const auto committed = context.store.commit(commit).or_raise();
  context.store.wait_durable(committed.lsn).or_raise();
  published.id = committed.published.front().text();
  log::info("an operator has published an event", {{"topic", topic}, {"id", published.id}, {"key", key}});
  return published;
}

}  // namespace

void add_publish_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("topics");
  routes.post<NewEvent>("/topics/{topic}/entries", "Publishes an event",
                        [&context](const NewEvent& wish, Request& request) {
                          return publish(context, request.path_parameter("topic"), wish);
                        });
}

}  // namespace tidemark::kit
