// Base 64 in the alphabet that may stand in URLs: RFC 4648, section 5, without padding.
#pragma once
#include <string>
#include <string_view>

namespace tidemark {

std::string to_base64url(std::string_view bytes);

// Empty for a text with a character that is not of the alphabet. It does not tell other texts that to_base64url() would
// not write; what must not be forged or mistyped needs a check of its own.
std::string from_base64url(std::string_view text);

}  // namespace tidemark
