#include "kit/service/description.hpp"

#include <algorithm>

#include "http/asyncapi.hpp"
#include "http/openapi.hpp"
#include "kit/service/envelope.hpp"
#include "kit/service/location.hpp"

namespace tidemark::kit {
namespace {

http::RouteDescription describe(const detail::ServiceSpec& spec, const detail::EndpointSpec& endpoint) {
  const auto& erased = endpoint.erased;
  http::RouteDescription route{.method = endpoint.method, .path = endpoint.path, .summary = endpoint.summary};
  route.tags = {spec.name};
  route.request = erased.body;
  route.request_required = erased.body_required;
  for (const auto& [name, description] : endpoint.query_parameters)
    route.query_parameters.push_back({.name = name, .description = description});
  if (erased.page) {
    route.query_parameters.push_back({.name = "limit", .description = "how many items at most, 1 to 1000"});
    route.query_parameters.push_back({.name = "after", .description = "`next` of the page before"});
  }

  const bool is_read = endpoint.method == Method::get;
  const bool is_document = erased.result && !erased.page;
  http::ResponseDescription response{.status = endpoint.status                   ? endpoint.status
                                               : !erased.result                  ? 204
                                               : endpoint.method == Method::post ? 201
                                                                                 : 200,
                                     .type = erased.result,
                                     .page = erased.page};
  if (is_document) response.headers.push_back(http::etag_header());
  if (is_document && response.status == 201 && DocumentLocation{spec, endpoint}.known())
    response.headers.push_back(http::location_header());
  route.responses.push_back(std::move(response));
  if (is_read && is_document) route.headers.push_back(http::if_none_match_header());
  if (!is_read) route.headers.push_back(http::idempotency_key_header());
  if (endpoint.method == Method::put || endpoint.method == Method::patch)
    route.headers.push_back(http::if_match_header(false));

  if (erased.body) route.problems = {400, 413, 415, 422};
  if (endpoint.path.find('{') != endpoint.path.npos) route.problems.push_back(404);
  if (!is_read) route.problems.insert(route.problems.end(), {409, 412, 428});
  route.problems.insert(route.problems.end(), {429, 503, 504});
  return route;
}

// Adds what the service answers below the prefix, and what those answer that it mounts.
void add_routes(http::ApiDescription& api, const detail::ServiceSpec& spec, const std::string& prefix) {
  for (const auto& endpoint : spec.endpoints) {
    auto route = describe(spec, endpoint);
    route.path.insert(0, prefix);
    api.routes.push_back(std::move(route));
  }
  for (const auto& stream : spec.events) {
    http::RouteDescription route{.method = Method::get,
                                 .path = prefix + stream.path,
                                 .summary = "Events as they become durable (server-sent events)",
                                 .tags = {spec.name}};
    route.responses.push_back({.status = 200, .content_type = "text/event-stream"});
    api.routes.push_back(std::move(route));
  }
  for (const auto& mount : spec.mounts) add_routes(api, *mount.service, prefix + mount.prefix);
}

// --- Events ---

constexpr std::string_view EMBEDDED = "embedded:";
constexpr std::string_view HTTP_SERVER = "http";

// One server for each host of the store's URL: "store", "store-2", …
std::vector<http::EventServerDescription> store_servers(std::string_view url) {
  if (url.starts_with(EMBEDDED))
    return {{.name = "store",
             .host = "in-process",
             .protocol = "tidemark",
             .description = "The store inside of the process; from outside, events go in and out by HTTP"}};
  const auto scheme = url.substr(0, url.find("://"));
  std::string_view hosts = url.substr(std::min(url.size(), scheme.size() + 3));
  hosts = hosts.substr(0, hosts.find_first_of("/?"));
  if (const auto at = hosts.rfind('@'); at != hosts.npos) hosts.remove_prefix(at + 1);
  const std::string protocol{scheme.starts_with("rediss") ? "rediss" : "redis"};
  const std::string description = "A topic is a stream of its name, an event one entry of it";
  std::vector<http::EventServerDescription> servers;
  while (!hosts.empty()) {
    const auto host = hosts.substr(0, hosts.find(','));
    hosts.remove_prefix(std::min(hosts.size(), host.size() + 1));
    servers.push_back({.name = servers.empty() ? "store" : "store-" + std::to_string(servers.size() + 1),
                       .host = std::string{host},
                       .protocol = protocol,
                       .description = description});
  }
  return servers;
}

class EventsCollector {
 public:
  explicit EventsCollector(http::EventsDescription& events) : events_{events} {
    for (const auto& server : events.servers) store_servers_.push_back(server.name);
  }

  void add(const detail::ServiceSpec& spec, const std::string& prefix, std::string_view http_host) {
    for (const auto& topic : spec.topics) add_sending(spec, topic);
    for (const auto& handler : spec.handlers) add_receiving(spec, handler);
    for (const auto& stream : spec.events) add_stream(spec, stream, prefix, http_host);
    for (const auto& mount : spec.mounts) add(*mount.service, prefix + mount.prefix, http_host);
  }

 private:
  http::ChannelDescription& topic(const std::string& name) {
    auto& channel = events_.channel(name);
    channel.servers = store_servers_;
    return channel;
  }

  static void add_message(http::ChannelDescription& channel, const TypeInfo* event, const std::string& key) {
    const auto known = std::ranges::find(channel.messages, event, &http::MessageDescription::event);
    if (known == channel.messages.end())
      channel.messages.push_back({.event = event, .key = key});
    else if (known->key.empty())
      known->key = key;
  }

  void add_sending(const detail::ServiceSpec& spec, const detail::TopicSpec& declared) {
    auto& channel = topic(declared.name);
    channel.retention_age = declared.retention.age;
    channel.retention_count = declared.retention.count;
    channel.retention_bytes = declared.retention.bytes;
    channel.drop_unacknowledged = declared.retention.drop_unacknowledged;
    add_message(channel, declared.event,
                declared.key_member.empty() ? std::string{default_key_member(*declared.event)} : declared.key_member);
    events_.operations.push_back({.id = unused_id(spec.name + ".send." + declared.name),
                                  .channel = declared.name,
                                  .service = spec.name,
                                  .summary = spec.name + " publishes " + std::string{declared.event->name},
                                  .event = declared.event});
  }

  void add_receiving(const detail::ServiceSpec& spec, const detail::HandlerSpec& handler) {
    add_message(topic(handler.topic), handler.event, {});
    std::string id = spec.name + ".receive." + handler.topic;
    if (handler.group != spec.name) id += "." + handler.group;
    events_.operations.push_back(
        {.id = unused_id(std::move(id)),
         .channel = handler.topic,
         .service = spec.name,
         .summary = spec.name + " handles " + std::string{handler.event->name} + ", as the group " + handler.group,
         .event = handler.event,
         .receiving = http::ReceivingDescription{.group = handler.group,
                                                 .key = handler.key_member,
                                                 .attempts = handler.retry.attempts,
                                                 .first_retry = handler.retry.first,
                                                 .last_retry = handler.retry.at_most,
                                                 .deadline = handler.deadline,
                                                 .concurrency = handler.concurrency,
                                                 .every_partition = handler.every_partition,
                                                 .from_now_on = handler.from_now_on,
                                                 .dead_letters = handler.topic + "." + handler.group + ".dead"}});
  }

  void add_stream(const detail::ServiceSpec& spec, const detail::EventsSpec& stream, const std::string& prefix,
                  std::string_view http_host) {
    if (std::ranges::find(events_.servers, HTTP_SERVER, &http::EventServerDescription::name) == events_.servers.end())
      events_.servers.push_back({.name = std::string{HTTP_SERVER},
                                 .host = std::string{http_host},
                                 .protocol = "http",
                                 .description = "Streams of server-sent events, for browsers"});
    const std::string path = prefix + stream.path;
    auto& channel = events_.channel(path);
    channel.description = "Server-sent events: each has its topic as name and the event's members as JSON";
    channel.servers = {std::string{HTTP_SERVER}};
    channel.has_attributes = false;
    for (const auto& carried : stream.topics) add_message(channel, carried.event, {});
    events_.operations.push_back({.id = unused_id(spec.name + ".stream" + path),
                                  .channel = path,
                                  .service = spec.name,
                                  .summary = spec.name + " streams events as they become durable"});
  }

  // Ids are words with dots, as generators of code expect them.
  std::string unused_id(std::string id) const {
    std::ranges::replace(id, '/', '.');
    std::string unused = id;
    const auto is_taken = [&] {
      return std::ranges::find(events_.operations, unused, &http::OperationDescription::id) != events_.operations.end();
    };
    for (int number = 2; is_taken(); ++number) unused = id + "." + std::to_string(number);
    return unused;
  }

  http::EventsDescription& events_;
  std::vector<std::string> store_servers_;
};

}  // namespace

std::string describe(const detail::ServiceSpec& spec) {
  http::ApiDescription api{.title = spec.name, .version = TIDEMARK_VERSION, .description = spec.about};
  add_routes(api, spec, "");
  return http::openapi_document(api);
}

std::string describe_events(const detail::ServiceSpec& spec, std::string_view store_url, std::string_view http_host) {
  http::EventsDescription events{
      .title = spec.name, .version = TIDEMARK_VERSION, .description = spec.about, .servers = store_servers(store_url)};
  EventsCollector{events}.add(spec, "", http_host);
  return http::asyncapi_document(events);
}

}  // namespace tidemark::kit
