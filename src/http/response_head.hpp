// The status line and header fields of a response, as they go over the wire.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tidemark/http.hpp"
#include "tidemark/time.hpp"

namespace tidemark::http {

struct Framing {
  std::optional<std::uint64_t> content_length;  // none for a body of unknown length, and where there can be no body
  bool chunked = false;
  bool close = false;       // "Connection: close"
  bool keep_alive = false;  // "Connection: keep-alive", which HTTP/1.0 needs to hear
};

// Appends the head with its empty line. What an endpoint put into a field can't end it: line breaks become spaces.
// Fields that belong to the framing (Content-Length, Connection, …) are the server's business, and left out.
void append_head(std::string& out, const Response& response, const Framing& framing, std::string_view date);

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(TimePoint time);

// Whether a response with this status has a body at all (RFC 9110, 6.4.1).
constexpr bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace tidemark::http
