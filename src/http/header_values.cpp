#include "http/header_values.hpp"

#include <algorithm>

namespace tidemark::http {
namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::pair<std::string_view, std::string_view> split_at(std::string_view text, char separator) noexcept {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

std::vector<std::string_view> list_elements(std::string_view list) {
  std::vector<std::string_view> elements;
  while (!list.empty()) {
    const auto [first, rest] = split_at(list, ',');
    if (const auto element = trimmed(first); !element.empty()) elements.push_back(element);
    list = rest;
  }
  return elements;
}

bool is_json(std::string_view content_type) {
  constexpr std::string_view APPLICATION = "application/", JSON = "json", SUFFIX = "+json";
  const auto type = trimmed(content_type.substr(0, content_type.find(';')));
  if (type.size() < APPLICATION.size() || !equals_ignoring_case(type.substr(0, APPLICATION.size()), APPLICATION))
    return false;
  const auto subtype = type.substr(APPLICATION.size());
  if (equals_ignoring_case(subtype, JSON)) return true;
  return subtype.size() >= SUFFIX.size() &&
         equals_ignoring_case(subtype.substr(subtype.size() - SUFFIX.size()), SUFFIX);
}

bool has_header(const Response& response, std::string_view name) noexcept {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [&](const auto& header) { return equals_ignoring_case(header.name, name); });
}

void add_vary(Response& response, std::string_view name) {
  for (auto& header : response.headers) {
    if (!equals_ignoring_case(header.name, "Vary")) continue;
    for (const auto element : list_elements(header.value)) {
      if (element == "*" || equals_ignoring_case(element, name)) return;
    }
    header.value += ", ";
    header.value += name;
    return;
  }
  response.headers.push_back({"Vary", std::string{name}});
}

}  // namespace tidemark::http
