// OpenAPI: the document (3.1) that describes a service's endpoints, from the types that they take and return.
//
//   ApiDescription api{.title = "inventory", .version = "1"};
//   api.routes.push_back({.method = Method::get, .path = "/products/{id}", .summary = "One product",
//                         .responses = {{.status = 200, .type = &type_of<Product>(), .headers = {etag_header()}}},
//                         .problems = {404}});
//   const std::string document = openapi_document(api);
#pragma once
#include <string>
#include <vector>

#include "tidemark/http.hpp"
#include "tidemark/type_info.hpp"

namespace tidemark::http {

// A parameter of the path or the query, or a header. Without a type it is a string.
struct ParameterDescription {
  std::string name;
  std::string description = {};
  const TypeInfo* type = nullptr;
  bool required = false;
  Limits limits = {};
};

struct ResponseDescription {
  int status = 200;
  std::string description = {};    // the status's name when empty
  const TypeInfo* type = nullptr;  // none: no JSON body, unless `content_type` says what else it is
  bool page = false;               // {"items": [type, …], "next": a cursor or null} of that type
  std::string content_type = {};   // of a body that is no JSON: "text/event-stream"
  std::vector<ParameterDescription> headers = {};
};

struct RouteDescription {
  Method method = Method::get;
  std::string path = {};  // the template; a parameter that is not described below is a string
  std::string summary = {};
  std::string description = {};
  std::vector<std::string> tags = {};
  std::string operation_id = {};  // from method and path when empty: "get_products_id"
  std::vector<ParameterDescription> path_parameters = {};
  std::vector<ParameterDescription> query_parameters = {};
  std::vector<ParameterDescription> headers = {};  // of the request
  const TypeInfo* request = nullptr;               // the JSON body
  bool request_required = true;
  std::vector<ResponseDescription> responses = {};
  std::vector<int> problems = {};  // statuses answered with application/problem+json
};

struct ApiDescription {
  std::string title;
  std::string version;
  std::string description = {};
  std::string server_url = ".";  // relative to where the document is served
  std::vector<RouteDescription> routes = {};
};

std::string openapi_document(const ApiDescription& api);

// The headers that endpoints over documents have.
ParameterDescription if_match_header(bool required);
ParameterDescription if_none_match_header();
ParameterDescription idempotency_key_header();
ParameterDescription etag_header();
ParameterDescription location_header();

}  // namespace tidemark::http
