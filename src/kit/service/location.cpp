#include "kit/service/location.hpp"

#include <algorithm>

#include "http/percent.hpp"

namespace tidemark::kit {
namespace {

bool has_get(const detail::ServiceSpec& service, std::string_view path) {
  return std::ranges::any_of(
      service.endpoints, [&](const auto& endpoint) { return endpoint.method == Method::get && endpoint.path == path; });
}

// The GET endpoint whose path has just a parameter more; empty where there is none.
std::string below(const detail::ServiceSpec& service, std::string_view path) {
  const auto is_below = [&](const detail::EndpointSpec& endpoint) {
    const std::string_view other = endpoint.path;
    return endpoint.method == Method::get && other.starts_with(path) && other.substr(path.size()).starts_with("/{") &&
           other.find('/', path.size() + 1) == other.npos;
  };
  const auto found = std::ranges::find_if(service.endpoints, is_below);
  return found == service.endpoints.end() ? std::string{} : found->path;
}

}  // namespace

DocumentLocation::DocumentLocation(const detail::ServiceSpec& service, const detail::EndpointSpec& endpoint)
    : path_{endpoint.location.empty() ? below(service, endpoint.path) : endpoint.location},
      endpoint_path_size_{endpoint.path.size()} {
  if (!endpoint.location.empty() && !has_get(service, path_))
    throw Invalid{"the endpoint " + endpoint.path + ": its location " + path_ +
                  " must be the path of a GET endpoint of this service"};
}

std::string DocumentLocation::of(const Request& request, std::string_view id) const {
  std::string location{request.route.substr(0, request.route.size() - endpoint_path_size_)};  // the prefix
  std::string_view rest = path_;
  for (auto open = rest.find('{'); open != rest.npos; open = rest.find('{')) {
    const auto close = rest.find('}', open);
    const auto name = rest.substr(open + 1, close - open - 1);
    location += rest.substr(0, open);
    rest.remove_prefix(close + 1);
    const bool is_last = rest.find('{') == rest.npos;
    location += http::percent_encode_segment(is_last ? id : request.path_parameter(name));
  }
  return location.append(rest);
}

}  // namespace tidemark::kit
