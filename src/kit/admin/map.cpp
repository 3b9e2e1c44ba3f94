// The map: which services there are, what they answer, handle and publish, and how that goes.
#include <algorithm>
#include <map>
#include <set>

#include "kit/admin/endpoints.hpp"
#include "kit/admin/groups.hpp"
#include "kit/admin/topic_state.hpp"
#include "kit/monitor/activity_sampler.hpp"
#include "kit/monitor/health_now.hpp"

namespace tidemark::kit {
namespace {

struct MapEndpoint {
  std::string method, path;
  double requests_per_s = 0, errors_per_s = 0;
  std::optional<double> p50_ms, p99_ms;
  Wellness health = Wellness::ok;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(MapEndpoint, (), (method, path, requests_per_s, errors_per_s, p50_ms, p99_ms, health, why))

struct MapService {
  std::string name, about;
  std::uint16_t port = 0;
  std::vector<MapEndpoint> endpoints;
  std::vector<GroupState> handlers;
  std::vector<std::string> publishes;
  Wellness health = Wellness::ok;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(MapService, (), (name, about, port, endpoints, handlers, publishes, health, why))

struct MapTopic {
  std::string name;
  std::uint64_t length = 0;
  double events_per_s = 0;
  std::vector<std::string> groups;
  Wellness health = Wellness::ok;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(MapTopic, (), (name, length, events_per_s, groups, health, why))

struct SystemMap {
  std::vector<MapService> services;
  std::vector<MapTopic> topics;
};
BOOST_DESCRIBE_STRUCT(SystemMap, (), (services, topics))

constexpr std::string_view REQUESTS = "tidemark_http_requests_total";
constexpr std::string_view REQUEST_SECONDS = "tidemark_http_request_duration_seconds";

Wellness wellness(std::string_view word) {
  return word == "failing" ? Wellness::failing : word == "waiting" ? Wellness::waiting : Wellness::ok;
}

// What an endpoint's requests are counted by: at its own port, and below the services that mount it.
std::vector<telemetry::Labels> labels_of(const AdminContext& context, const AdminService& service,
                                         const detail::EndpointSpec& endpoint) {
  const std::string method{to_string(endpoint.method)};
  std::vector<telemetry::Labels> all{{{"service", service.spec.name}, {"method", method}, {"route", endpoint.path}}};
  for (const auto& other : context.services)
    for (const auto& mount : other.spec.mounts)
      if (mount.service == &service.spec)
        all.push_back({{"service", other.spec.name}, {"method", method}, {"route", mount.prefix + endpoint.path}});
  return all;
}

void count(MapEndpoint& endpoint, const Activity& activity, const std::vector<telemetry::Labels>& all) {
  double most = 0;
  for (const auto& labels : all) {
    const double rate = activity.rate(REQUESTS, labels);
    endpoint.requests_per_s += rate;
    for (const auto* status : {"500", "502", "503", "504", "507"}) {
      auto failed = labels;
      failed.emplace_back("status", status);
      endpoint.errors_per_s += activity.rate(REQUESTS, failed);
    }
    // Quantiles can't be added up: those of where most of the requests come in.
    if (rate < most) continue;
    const auto p50 = activity.quantile(REQUEST_SECONDS, labels, 0.5);
    const auto p99 = activity.quantile(REQUEST_SECONDS, labels, 0.99);
    if (!p50 || !p99) continue;
    most = rate;
    endpoint.p50_ms = *p50 * 1000;
    endpoint.p99_ms = *p99 * 1000;
  }
  if (endpoint.errors_per_s == 0) return;
  endpoint.health = Wellness::failing;
  endpoint.why = "requests are answered by an error of the server (5xx)";
}

void weigh(MapService& service, Wellness health, const std::string& part, const std::string& why) {
  if (health <= service.health) return;
  service.health = health;
  service.why = part + ": " + why;
}

MapService map_of(const AdminContext& context, const AdminService& service, const std::vector<GroupState>& groups,
                  const std::set<std::pair<std::string, std::string>>& publishers) {
  MapService drawn{.name = service.spec.name, .about = service.spec.about, .port = service.port()};
  for (const auto& spec : service.spec.endpoints) {
    MapEndpoint endpoint{.method = std::string{to_string(spec.method)}, .path = spec.path};
    if (context.activity != nullptr) count(endpoint, *context.activity, labels_of(context, service, spec));
    weigh(drawn, endpoint.health, endpoint.method + " " + endpoint.path, endpoint.why);
    drawn.endpoints.push_back(std::move(endpoint));
  }
  for (const auto& handler : service.spec.handlers)
    for (const auto& group : groups) {
      if (group.topic != handler.topic || group.group != handler.group) continue;
      weigh(drawn, wellness(group.health), group.topic, group.why);
      drawn.handlers.push_back(group);
    }
  std::set<std::string> topics;
  for (const auto& topic : service.spec.topics) topics.insert(topic.name);
  for (const auto& [publisher, topic] : publishers)
    if (publisher == service.spec.name) topics.insert(topic);
  drawn.publishes.assign(topics.begin(), topics.end());
  return drawn;
}

std::vector<MapTopic> topics_of(const AdminContext& context, const std::vector<GroupState>& groups) {
  std::vector<MapTopic> topics;
  for (const auto& info : context.store.topics().or_raise()) {
    if (kind_of_topic(info.name) != TopicKind::events) continue;
    MapTopic topic{.name = info.name, .length = info.length};
    if (context.activity != nullptr)
      topic.events_per_s = context.activity->rate(ActivitySampler::TOPIC_ENTRIES, {{"topic", info.name}});
    for (const auto& group : groups)
      if (group.topic == info.name) topic.groups.push_back(group.group);
    topics.push_back(std::move(topic));
  }
  return topics;
}

SystemMap map_of(AdminContext& context) {
  SystemMap map;
  const auto groups = group_states(context);
  const auto publishers =
      context.recorder == nullptr ? std::set<std::pair<std::string, std::string>>{} : context.recorder->publishers();
  for (const auto& service : context.services) map.services.push_back(map_of(context, service, groups, publishers));
  map.topics = topics_of(context, groups);
  return map;
}

}  // namespace

void add_map_endpoints(AdminRoutes& routes, AdminContext& context) {
  routes.family("map");
  routes.get("/map", "The services with their endpoints and handlers, the topics between them, and how all of it goes",
             [&context](Request&) { return map_of(context); });
}

}  // namespace tidemark::kit
