// The shop's page, and all that happens as one stream of server-sent events at /api/events. The services below
// /api/<service> belong to whoever runs it: the shop mounts them, a proxy in front of the program `web` leads to them.
#pragma once
#include <tidemark/tidemark.hpp>

namespace shop {

tidemark::Service make_web();

}  // namespace shop
