#include "http/cross_site.hpp"

#include "http/header_values.hpp"
#include "http/problem.hpp"

namespace tidemark::http {
namespace {

bool is_safe(Method method) { return method == Method::get || method == Method::head || method == Method::options; }

std::string_view without_suffix(std::string_view text, std::string_view suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

// Whether "https://shop.example:8443" is a page of the host "shop.example:8443". The port of the scheme may be left out
// on either side.
bool is_of_host(std::string_view origin, std::string_view host) {
  const bool secure = origin.starts_with("https://");
  if (!secure && !origin.starts_with("http://")) return false;
  const std::string_view port = secure ? ":443" : ":80";
  origin.remove_prefix(secure ? 8 : 7);
  return equals_ignoring_case(without_suffix(origin, port), without_suffix(host, port));
}

// What the browser asked for, as the first proxy on the way tells (later ones append to the list).
std::string forwarded_host(const Request& request) {
  const auto first = [&](std::string_view name) {
    return std::string{trimmed(split_at(request.header(name).value_or(""), ',').first)};
  };
  auto host = first("X-Forwarded-Host");
  const auto port = first("X-Forwarded-Port");
  const bool has_port = host.rfind(':') != host.npos && !host.ends_with(']');
  if (!host.empty() && !has_port && !port.empty()) host += ":" + port;
  return host;
}

bool is_own_page(const Request& request, std::string_view origin) {
  return is_of_host(origin, request.header("Host").value_or("")) || is_of_host(origin, forwarded_host(request));
}

bool may_change(const Request& request, const CorsOptions& options) {
  const auto origin = request.header("Origin");
  if (origin && allows(options, *origin)) return true;
  if (const auto site = request.header("Sec-Fetch-Site")) return *site == "same-origin" || *site == "none";
  return !origin || is_own_page(request, *origin);
}

}  // namespace

std::optional<Response> refuse_other_sites(const Request& request, const CorsOptions& options) {
  if (is_safe(request.method) || may_change(request, options)) return std::nullopt;
  const std::string page{request.header("Origin").value_or("another site")};
  return problem_of(403, "a page of " + page +
                             " may not change anything here; the service allows other origins with the " +
                             "setting cors-origins");
}

}  // namespace tidemark::http
