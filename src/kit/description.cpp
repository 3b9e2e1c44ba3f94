#include "kit/description.hpp"

#include "http/openapi.hpp"

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
  route.responses.push_back(std::move(response));
  if (is_read && is_document) route.headers.push_back(http::if_none_match_header());
  if (!is_read) route.headers.push_back(http::idempotency_key_header());
  if (endpoint.method == Method::put || endpoint.method == Method::patch)
    route.headers.push_back(http::if_match_header(false));

  if (erased.body) route.problems = {400, 413, 422};
  if (endpoint.path.find('{') != endpoint.path.npos) route.problems.push_back(404);
  if (!is_read) route.problems.insert(route.problems.end(), {409, 412, 428});
  route.problems.insert(route.problems.end(), {429, 503});
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

}  // namespace

std::string describe(const detail::ServiceSpec& spec) {
  http::ApiDescription api{.title = spec.name, .version = TIDEMARK_VERSION, .description = spec.about};
  add_routes(api, spec, "");
  return http::openapi_document(api);
}

}  // namespace tidemark::kit
