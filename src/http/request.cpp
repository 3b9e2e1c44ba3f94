#include <stdexcept>

#include "http/conditional.hpp"
#include "http/header_values.hpp"
#include "http/percent.hpp"
#include "tidemark/error.hpp"
#include "tidemark/http.hpp"

namespace tidemark {

std::string_view to_string(Method method) noexcept {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::erase: return "DELETE";
    case Method::options: return "OPTIONS";
  }
  return "GET";
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (http::equals_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

const std::string& Request::path_parameter(std::string_view name) const {
  for (const auto& [parameter, value] : path_parameters) {
    if (parameter == name) return value;
  }
  throw std::logic_error{"the route " + std::string{route} + " has no parameter " + std::string{name}};
}

std::optional<std::string> Request::query(std::string_view name) const {
  const auto decoded = [](std::string_view text) {
    return http::percent_decode(text, http::PlusMeans::space).or_raise();
  };
  std::string_view rest = raw_query;
  while (!rest.empty()) {
    const auto [parameter, others] = http::split_at(rest, '&');
    const auto [raw_name, raw_value] = http::split_at(parameter, '=');
    if (decoded(raw_name) == name) return decoded(raw_value);
    rest = others;
  }
  return std::nullopt;
}

void Request::require_match(std::string_view etag) const {
  const auto wanted = header("If-Match");
  if (!wanted) {
    throw PreconditionRequired{"this request must carry If-Match with the ETag that was last read, here " +
                               std::string{etag} + ", so that it overwrites nobody else's change"};
  }
  if (!http::any_etag_matches_strongly(*wanted, etag)) {
    throw PreconditionFailed{"the document has changed: its ETag is now " + std::string{etag} + ", not " +
                             std::string{*wanted} + "; read it again"};
  }
}

}  // namespace tidemark
