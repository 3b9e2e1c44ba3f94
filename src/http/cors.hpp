// CORS: which pages of other origins may call us from a browser (the WHATWG's Fetch standard, 3.2). None by default.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidemark/http.hpp"

namespace tidemark::http {

struct CorsOptions {
  std::vector<std::string> origins;  // "https://shop.example"; "*" for all; empty: none
  std::vector<Method> methods = {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::erase};
  std::vector<std::string> headers = {"Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Last-Event-ID"};
  std::vector<std::string> exposed = {"ETag", "Location", "Retry-After"};
  std::chrono::seconds max_age{600};
};

// Whether pages of this origin may call.
bool allows(const CorsOptions& options, std::string_view origin);

// The answer to a preflight request, or nothing when the request is none. An origin that is not allowed gets 204
// without any permission, which is a refusal.
std::optional<Response> answer_preflight(const Request& request, const CorsOptions& options);

// Permits the request's origin to read the response, if it may.
void allow_origin(Response& response, const Request& request, const CorsOptions& options);

}  // namespace tidemark::http
