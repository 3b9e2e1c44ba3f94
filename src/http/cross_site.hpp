// Requests that a browser sends on behalf of another site's page, without its user's wish: they may look, but change
// nothing. A page can send such a request without asking first (no preflight), so CORS alone does not stop it.
#pragma once
#include <optional>

#include "http/cors.hpp"
#include "tidemark/http.hpp"

namespace tidemark::http {

// 403 for a request that may change something (any but GET, HEAD and OPTIONS) and comes from a page that is neither of
// this origin nor of one that CORS allows; nothing for all others, and for clients that are no browsers.
//
// The browser says which page it is (Sec-Fetch-Site, Origin), and a page can't say otherwise. Origin is compared with
// Host and, for services behind a proxy, X-Forwarded-Host and X-Forwarded-Port (of lists, the first), which no page can
// set without a preflight.
std::optional<Response> refuse_other_sites(const Request& request, const CorsOptions& options);

}  // namespace tidemark::http
