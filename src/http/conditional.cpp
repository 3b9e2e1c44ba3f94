#include "http/conditional.hpp"

#include "http/header_values.hpp"

namespace tidemark::http {
namespace {

struct Tag {
  bool weak = false;
  std::string_view opaque;  // with its quotes
};

Tag tag_of(std::string_view text) {
  if (text.starts_with("W/")) return {true, text.substr(2)};
  return {false, text};
}

// Takes the next entity tag off the list; empty at its end, or where it is no list of tags. An opaque tag may hold
// commas.
std::string_view take_tag(std::string_view& list) {
  while (!list.empty() && (list.front() == ' ' || list.front() == '\t' || list.front() == ',')) list.remove_prefix(1);
  const std::size_t quote = list.starts_with("W/") ? 2 : 0;
  if (quote >= list.size() || list[quote] != '"') return {};
  const auto end = list.find('"', quote + 1);
  if (end == std::string_view::npos) return {};
  const auto tag = list.substr(0, end + 1);
  list.remove_prefix(end + 1);
  return tag;
}

bool any_matches(std::string_view list, std::string_view etag, bool strongly) {
  if (trimmed(list) == "*") return true;
  const Tag wanted = tag_of(etag);
  for (auto text = take_tag(list); !text.empty(); text = take_tag(list)) {
    const Tag tag = tag_of(text);
    if (tag.opaque == wanted.opaque && !(strongly && (tag.weak || wanted.weak))) return true;
  }
  return false;
}

}  // namespace

bool any_etag_matches(std::string_view list, std::string_view etag) { return any_matches(list, etag, false); }
bool any_etag_matches_strongly(std::string_view list, std::string_view etag) { return any_matches(list, etag, true); }

bool is_not_modified(const Request& request, std::string_view etag) {
  if (request.method != Method::get && request.method != Method::head) return false;
  const auto known = request.header("If-None-Match");
  return known && any_etag_matches(*known, etag);
}

Response conditional(Response response, const Request& request, std::string_view etag) {
  if (!has_header(response, "ETag")) response.with("ETag", std::string{etag});
  if (is_not_modified(request, etag)) {
    response.status = 304;
    response.body.clear();
    response.shared_body.reset();
    response.content_type.clear();
    response.content_encoding.reset();
  }
  return response;
}

}  // namespace tidemark::http
