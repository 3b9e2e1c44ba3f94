// Handler: what turns a request into a response. It runs on a fiber of its own, may wait, and may throw: the server
// makes a problem+json of an exception (problem.hpp).
#pragma once
#include <functional>

#include "tidemark/http.hpp"

namespace tidemark::http {

using Handler = std::function<Response(Request&)>;

}  // namespace tidemark::http
