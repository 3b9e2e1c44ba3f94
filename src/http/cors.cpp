#include "http/cors.hpp"

#include <algorithm>

#include "http/header_values.hpp"

namespace tidemark::http {
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) {
    if (!out.empty()) out += ", ";
    out += text;
  }
  return out;
}

std::string joined(const std::vector<Method>& methods) {
  std::vector<std::string> names;
  for (const Method method : methods) names.emplace_back(to_string(method));
  return joined(names);
}

// "*" as it is, else the origin itself, so that caches keep the answers of origins apart.
// Once: a browser refuses an answer that names two, also when they are the same.
void name_origin(Response& response, std::string_view origin, const CorsOptions& options) {
  for (const auto& header : response.headers)
    if (header.name == "Access-Control-Allow-Origin") return;
  const bool any = std::find(options.origins.begin(), options.origins.end(), "*") != options.origins.end();
  response.with("Access-Control-Allow-Origin", any ? "*" : std::string{origin});
}

}  // namespace

bool allows(const CorsOptions& options, std::string_view origin) {
  return std::any_of(options.origins.begin(), options.origins.end(),
                     [&](const std::string& allowed) { return allowed == "*" || allowed == origin; });
}

std::optional<Response> answer_preflight(const Request& request, const CorsOptions& options) {
  if (options.origins.empty() || request.method != Method::options) return std::nullopt;
  const auto origin = request.header("Origin");
  if (!origin || !request.header("Access-Control-Request-Method")) return std::nullopt;
  Response response = Response::empty(204);
  add_vary(response, "Origin");
  if (!allows(options, *origin)) return response;
  name_origin(response, *origin, options);
  response.with("Access-Control-Allow-Methods", joined(options.methods));
  response.with("Access-Control-Allow-Headers", joined(options.headers));
  response.with("Access-Control-Max-Age", std::to_string(options.max_age.count()));
  return response;
}

void allow_origin(Response& response, const Request& request, const CorsOptions& options) {
  if (options.origins.empty()) return;
  add_vary(response, "Origin");
  const auto origin = request.header("Origin");
  if (!origin || !allows(options, *origin)) return;
  name_origin(response, *origin, options);
  if (!options.exposed.empty()) response.with("Access-Control-Expose-Headers", joined(options.exposed));
}

}  // namespace tidemark::http
