#include "http/openapi.hpp"

#include <algorithm>
#include <map>

#include "http/header_values.hpp"
#include "http/problem.hpp"
#include "json/schema.hpp"
#include "json/writer.hpp"

namespace tidemark::http {
namespace {

constexpr std::string_view PROBLEM_SCHEMA =
    R"({"type":"object","description":"RFC 9457","properties":{"type":{"type":"string"},"title":{"type":"string"},)"
    R"("status":{"type":"integer"},"detail":{"type":"string"},"code":{"type":"string"}},"required":["type","title","status"]})";
constexpr std::string_view PROBLEM_REFERENCE = R"({"$ref":"#/components/schemas/ProblemDetails"})";

std::string lower_case_name(Method method) {
  std::string name{to_string(method)};
  for (char& c : name) c = static_cast<char>(c - 'A' + 'a');
  return name;
}

// "get_products_id" for GET /products/{id}.
std::string operation_id_of(const RouteDescription& route) {
  if (!route.operation_id.empty()) return route.operation_id;
  std::string id = lower_case_name(route.method);
  bool is_word = false;
  for (const char c : route.path) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_letter && !is_word) id += '_';
    if (is_letter) id += c;
    is_word = is_letter;
  }
  return id;
}

// A schema that also keeps to the limits: added to an inline schema, or around a reference.
std::string limited(std::string schema, const Limits& limits) {
  json::Writer extra;
  extra.begin_object();
  if (limits.min) extra.member("minimum", *limits.min);
  if (limits.max) extra.member("maximum", *limits.max);
  if (limits.min_length) extra.member("minLength", *limits.min_length);
  if (limits.max_length) extra.member("maxLength", *limits.max_length);
  extra.end_object();
  if (extra.text() == "{}") return schema;
  return R"({"allOf":[)" + schema + "," + extra.text() + "]}";
}

class DocumentWriter {
 public:
  std::string write(const ApiDescription& api) {
    out_.begin_object().member("openapi", "3.1.0");
    out_.key("info").begin_object().member("title", api.title).member("version", api.version);
    if (!api.description.empty()) out_.member("description", api.description);
    out_.end_object();
    out_.key("servers").begin_array().begin_object().member("url", api.server_url).end_object().end_array();
    write_paths(api);
    out_.key("components").begin_object().raw_member("schemas", schemas_with_problem()).end_object();
    out_.end_object();
    return std::move(out_).text();
  }

 private:
  void write_paths(const ApiDescription& api) {
    std::map<std::string_view, std::vector<const RouteDescription*>> by_path;
    for (const auto& route : api.routes) by_path[route.path].push_back(&route);
    out_.key("paths").begin_object();
    for (const auto& [path, routes] : by_path) {
      out_.key(path).begin_object();
      for (const auto* route : routes) write_operation(*route);
      out_.end_object();
    }
    out_.end_object();
  }

  void write_operation(const RouteDescription& route) {
    out_.key(lower_case_name(route.method)).begin_object();
    out_.member("operationId", operation_id_of(route));
    if (!route.summary.empty()) out_.member("summary", route.summary);
    if (!route.description.empty()) out_.member("description", route.description);
    if (!route.tags.empty()) {
      out_.key("tags").begin_array();
      for (const auto& tag : route.tags) out_.value(tag);
      out_.end_array();
    }
    write_parameters(route);
    if (route.request != nullptr) {
      out_.key("requestBody").begin_object().member("required", route.request_required);
      write_content("application/json", schemas_.add(*route.request));
      out_.end_object();
    }
    write_responses(route);
    out_.end_object();
  }

  void write_parameters(const RouteDescription& route) {
    out_.key("parameters").begin_array();
    for (auto parameter : path_parameters_of(route)) {
      parameter.required = true;
      write_parameter(parameter, "path");
    }
    for (const auto& parameter : route.query_parameters) write_parameter(parameter, "query");
    for (const auto& parameter : route.headers) write_parameter(parameter, "header");
    out_.end_array();
  }

  // Those of the template, each as described, or as a string.
  static std::vector<ParameterDescription> path_parameters_of(const RouteDescription& route) {
    std::vector<ParameterDescription> all;
    for (auto open = route.path.find('{'); open != std::string::npos; open = route.path.find('{', open + 1)) {
      const auto close = route.path.find('}', open);
      if (close == std::string::npos) break;
      const auto name = route.path.substr(open + 1, close - open - 1);
      const auto described = std::find_if(route.path_parameters.begin(), route.path_parameters.end(),
                                          [&](const auto& parameter) { return parameter.name == name; });
      all.push_back(described != route.path_parameters.end() ? *described : ParameterDescription{.name = name});
    }
    return all;
  }

  void write_parameter(const ParameterDescription& parameter, std::string_view place) {
    out_.begin_object().member("name", parameter.name).member("in", place).member("required", parameter.required);
    write_value_of(parameter);
    out_.end_object();
  }

  void write_value_of(const ParameterDescription& parameter) {
    if (!parameter.description.empty()) out_.member("description", parameter.description);
    out_.raw_member(
        "schema",
        limited(parameter.type != nullptr ? schemas_.add(*parameter.type) : R"({"type":"string"})", parameter.limits));
  }

  void write_responses(const RouteDescription& route) {
    out_.key("responses").begin_object();
    for (const auto& response : route.responses) write_response(response);
    for (const int status : route.problems) {
      out_.key(std::to_string(status)).begin_object().member("description", reason_of(status));
      write_content("application/problem+json", PROBLEM_REFERENCE);
      out_.end_object();
    }
    out_.end_object();
  }

  void write_response(const ResponseDescription& response) {
    out_.key(std::to_string(response.status)).begin_object();
    out_.member("description", response.description.empty() ? reason_of(response.status) : response.description);
    if (!response.headers.empty()) {
      out_.key("headers").begin_object();
      for (const auto& header : response.headers) {
        out_.key(header.name).begin_object();
        write_value_of(header);
        out_.end_object();
      }
      out_.end_object();
    }
    if (response.type != nullptr) {
      write_content(response.content_type.empty() ? "application/json" : response.content_type,
                    response.page ? page_of(schemas_.add(*response.type)) : schemas_.add(*response.type));
    } else if (!response.content_type.empty()) {
      write_content(response.content_type, R"({"type":"string"})");
    }
    out_.end_object();
  }

  static std::string page_of(const std::string& item) {
    return R"({"type":"object","properties":{"items":{"type":"array","items":)" + item +
           R"(},"next":{"type":["string","null"],"description":"the value of `after` for the next page"}},)"
           R"("required":["items","next"]})";
  }

  void write_content(std::string_view content_type, std::string_view schema) {
    out_.key("content").begin_object().key(content_type).begin_object().raw_member("schema", schema);
    out_.end_object().end_object();
  }

  std::string schemas_with_problem() const {
    const std::string own = schemas_.definitions();
    std::string all = R"({"ProblemDetails":)";
    all += PROBLEM_SCHEMA;
    if (own != "{}") all += ',';
    return all.append(own, 1);
  }

  json::Writer out_;
  json::SchemaRegistry schemas_;
};

}  // namespace

std::string openapi_document(const ApiDescription& api) { return DocumentWriter{}.write(api); }

ParameterDescription if_match_header(bool required) {
  return {.name = "If-Match",
          .description = "The ETag that was last read; the change applies only to that version.",
          .required = required};
}

ParameterDescription if_none_match_header() {
  return {.name = "If-None-Match", .description = "The ETag of a copy; answered with 304 while that is current."};
}

ParameterDescription idempotency_key_header() {
  return {
      .name = "Idempotency-Key",
      .description = "Chosen by the client; a request repeated with it takes effect once and gets the first answer.",
      .limits = {.max_length = 255}};
}

ParameterDescription etag_header() {
  return {.name = "ETag", .description = "The version, for If-Match and If-None-Match."};
}

ParameterDescription location_header() { return {.name = "Location", .description = "Where it is found."}; }

}  // namespace tidemark::http
