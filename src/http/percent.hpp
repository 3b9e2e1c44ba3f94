// Percent-encoding (RFC 3986, 2.1).
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidemark::http {

enum class PlusMeans { plus, space };  // in a query it is a space (the WHATWG's URL standard, 5.1)

// `malformed` for a % without two hexadecimal digits, and for %00, which nothing here needs and much misreads.
Result<std::string> percent_decode(std::string_view text, PlusMeans plus = PlusMeans::plus);

// Text as one segment of a path: all but the unreserved characters (2.3) escaped.
std::string percent_encode_segment(std::string_view text);

}  // namespace tidemark::http
