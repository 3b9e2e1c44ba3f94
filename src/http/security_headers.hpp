// Headers that keep a browser from doing more with our pages than they need.
#pragma once
#include <string_view>

#include "tidemark/http.hpp"

namespace tidemark::http {

// Scripts from here only. Styles may stand inline, because Mantine and Swagger UI set them so; images may be data:
// URLs.
inline constexpr std::string_view CONTENT_SECURITY_POLICY =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' "
    "data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

// Adds X-Content-Type-Options and Referrer-Policy, and for HTML the policy above.
void add_security_headers(Response& response);

}  // namespace tidemark::http
