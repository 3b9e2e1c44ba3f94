// How header fields are compared and taken apart.
#pragma once
#include <string_view>
#include <utility>
#include <vector>

#include "tidemark/http.hpp"

namespace tidemark::http {

// Without regard to the case of ASCII letters.
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text) noexcept;

// The text up to the first `separator`, and what follows it; all and nothing where there is none.
std::pair<std::string_view, std::string_view> split_at(std::string_view text, char separator) noexcept;

// The trimmed elements of a comma-separated list, without empty ones. Knows no quoted strings.
std::vector<std::string_view> list_elements(std::string_view list);

// Whether a Content-Type says "application/json" or "application/<something>+json"; parameters are passed over, as is
// the case of letters (RFC 9110, 8.3.1).
bool is_json(std::string_view content_type);

bool has_header(const Response& response, std::string_view name) noexcept;

// Adds a field name to the response's Vary, unless it is there.
void add_vary(Response& response, std::string_view name);

}  // namespace tidemark::http
