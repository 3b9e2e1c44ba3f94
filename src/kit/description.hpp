// The OpenAPI document of a service, from what it and the services that it mounts have declared.
#pragma once
#include <string>

#include "kit/spec.hpp"

namespace tidemark::kit {

std::string describe(const detail::ServiceSpec& spec);

}  // namespace tidemark::kit
