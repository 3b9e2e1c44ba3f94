// Conditional requests (RFC 9110, 13): whether the client already has what it asks for.
#pragma once
#include <string_view>

#include "tidemark/http.hpp"

namespace tidemark::http {

// Whether a list of entity tags, as in If-None-Match, holds `etag` (with its quotes) or is "*". Weak comparison: a W/
// before either does not matter.
bool any_etag_matches(std::string_view list, std::string_view etag);

// The same by strong comparison, as for If-Match: a weak tag matches nothing.
bool any_etag_matches_strongly(std::string_view list, std::string_view etag);

// Whether the request says that its sender has the version `etag` already. Only for GET and HEAD.
bool is_not_modified(const Request& request, std::string_view etag);

// The answer to a GET: with the ETag, and without its body (304) when is_not_modified(). Headers that a 304 repeats
// (Cache-Control, Vary, …) stay.
Response conditional(Response response, const Request& request, std::string_view etag);

}  // namespace tidemark::http
