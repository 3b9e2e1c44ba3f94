#include "kit/admin/access.hpp"

#include <arpa/inet.h>

#include <array>

#include "http/header_values.hpp"
#include "http/problem.hpp"
#include "json/writer.hpp"

namespace tidemark::kit {
namespace {

constexpr std::string_view BEARER = "bearer ";

Response unauthorized(bool is_missing) {
  json::Writer out;
  out.begin_object().member("type", "about:blank").member("title", "Unauthorized").member("status", 401);
  out.member("detail", is_missing ? "this needs the token that the process was given as --admin-token: send it as "
                                    "'Authorization: Bearer TOKEN'"
                                  : "this is not the token that the process was given as --admin-token");
  out.member("code", to_string(ErrorCode::unauthorized)).member("token", is_missing ? "missing" : "wrong");
  Response response;
  response.status = 401;
  response.content_type = "application/problem+json";
  response.body = std::move(out.end_object()).text();
  return std::move(response).with("WWW-Authenticate", R"(Bearer realm="tidemark")");
}

// The token of an Authorization header; none for one of another scheme.
std::optional<std::string_view> bearer_token(const Request& request) {
  const auto header = request.header("Authorization");
  if (!header || header->size() < BEARER.size() ||
      !http::equals_ignoring_case(header->substr(0, BEARER.size()), BEARER))
    return std::nullopt;
  return header->substr(BEARER.size());
}

std::string_view host_of(std::string_view origin) {
  const auto scheme = origin.find("://");
  return scheme == origin.npos ? std::string_view{} : origin.substr(scheme + 3);
}

// CORS, which is for the services' endpoints, opens nothing here.
std::optional<Response> refuse_other_sites(const Request& request) {
  const auto host = request.header("Host");
  if (host && !is_address_or_localhost(*host))
    return http::problem_of(403,
                            "without a token the admin API answers to localhost and to IP addresses only, so that no "
                            "page of another site gets in; ask for localhost, or start the process with --admin-token");
  // What the browser says is right where a proxy has changed the Host (a development server).
  if (request.header("Sec-Fetch-Site") == "same-origin") return std::nullopt;
  const auto origin = request.header("Origin");
  if (origin && !http::equals_ignoring_case(host_of(*origin), host.value_or("")))
    return http::problem_of(403, "without a token the admin API answers to no page of another origin");
  return std::nullopt;
}

}  // namespace

AdminAccess::AdminAccess(const Settings& settings)
    : loopback_{is_loopback(settings.bind)}, token_{settings.admin_token} {}

std::optional<Response> AdminAccess::refuse(const Request& request) const {
  if (token_.empty()) {
    if (!loopback_) return http::problem_of(404, "there is nothing at this path");
    return refuse_other_sites(request);
  }
  const auto token = bearer_token(request);
  if (token && equal_in_constant_time(*token, token_)) return std::nullopt;
  return unauthorized(!token);
}

bool is_address_or_localhost(std::string_view host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == host.npos) return false;
    const std::string inside{host.substr(1, end - 1)};
    return ::inet_pton(AF_INET6, inside.c_str(), address.data()) == 1;
  }
  const std::string name{host.substr(0, host.find(':'))};
  return http::equals_ignoring_case(name, "localhost") || ::inet_pton(AF_INET, name.c_str(), address.data()) == 1;
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  unsigned difference = left.size() == right.size() ? 0 : 1;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const char other = right.empty() ? '\0' : right[i % right.size()];
    difference |= static_cast<unsigned char>(left[i] ^ other);
  }
  return difference == 0;
}

}  // namespace tidemark::kit
