#include "kit/admin/routes.hpp"

#include <map>

#include "http/header_values.hpp"
#include "json/fields.hpp"
#include "json/json.hpp"
#include "json/writer.hpp"

namespace tidemark::kit {

void read_query(const Request& request, void* value, const TypeInfo& type) {
  std::map<std::string_view, std::string> given;
  for (const auto& field : type.fields())
    if (auto text = request.query(field.name)) given.emplace(field.name, std::move(*text));
  const auto find = [&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = given.find(name);
    if (found == given.end()) return std::nullopt;
    return found->second;
  };
  json::read_fields(find, value, type).or_raise();
}

void read_body(const Request& request, void* value, const TypeInfo& type) {
  if (!request.body.empty() && !http::is_json(request.header("Content-Type").value_or("")))
    throw UnsupportedMediaType{"Content-Type: expected application/json"};
  json::read(request.body.empty() ? "{}" : std::string_view{request.body}, value, type, {.reject_unknown = true})
      .or_raise();
}

std::string json_of(const void* value, const TypeInfo& type) {
  std::string text;
  json::write(text, value, type).or_raise();
  return text;
}

Response respond_list(std::string items, const std::optional<std::string>& next, std::optional<std::uint64_t> scanned) {
  json::Writer out;
  out.begin_object().raw_member("items", items).key("next");
  next ? out.value(*next) : out.value(nullptr);
  if (scanned) out.member("scanned", *scanned);
  return Response::json(std::move(out.end_object()).text());
}

http::RouteDescription AdminRoutes::describe(Method method, std::string path, std::string summary) const {
  http::RouteDescription route{.method = method, .path = std::string{PREFIX} + path, .summary = std::move(summary)};
  route.tags = {family_};
  route.problems = {401};
  if (path.find('{') != path.npos) route.problems.push_back(404);
  if (method != Method::get) route.problems.push_back(409);
  route.problems.push_back(503);
  return route;
}

void AdminRoutes::add(http::RouteDescription route, const TypeInfo* input, http::Handler handler) {
  if (input != nullptr && route.method == Method::get) {
    for (const auto& field : input->fields())
      route.query_parameters.push_back({.name = std::string{field.name},
                                        .type = field.required ? field.type : field.type->element,
                                        .required = field.required,
                                        .limits = field.limits ? *field.limits : Limits{}});
  } else if (input != nullptr) {
    route.request = input;
    route.request_required = false;
    for (const auto& field : input->fields()) route.request_required = route.request_required || field.required;
    route.problems.insert(route.problems.end(), {400, 415});
  }
  if (input != nullptr) route.problems.push_back(422);
  router_.add(route.method, route.path, [&access = access_, handler = std::move(handler)](Request& request) {
    if (auto refusal = access.refuse(request)) return std::move(*refusal);
    return handler(request);
  });
  described_.push_back(std::move(route));
}

void AdminRoutes::add_description() {
  family("admin");
  auto own = describe(Method::get, "/openapi.json", "This description");
  own.responses.push_back({.content_type = "application/json"});
  described_.push_back(own);
  const http::ApiDescription api{.title = "Tidemark's admin API",
                                 .version = TIDEMARK_VERSION,
                                 .description = "What an operator may see and do: docs/admin-api.md.",
                                 .server_url = "/",
                                 .routes = described_};
  described_.pop_back();
  add(std::move(own), nullptr, [document = http::openapi_document(api)](Request&) { return Response::json(document); });
}

}  // namespace tidemark::kit
