// What a service and the services that it mounts have declared, as documents: OpenAPI for its endpoints, AsyncAPI for
// its events.
#pragma once
#include <string>
#include <string_view>

#include "kit/service/spec.hpp"

namespace tidemark::kit {

std::string describe(const detail::ServiceSpec& spec);

// `store_url` says where the topics are (its user and password are left out), `http_host` under which host and port the
// service's streams are reached.
std::string describe_events(const detail::ServiceSpec& spec, std::string_view store_url, std::string_view http_host);

}  // namespace tidemark::kit
