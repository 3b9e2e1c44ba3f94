#include "http/response_head.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "http/header_values.hpp"
#include "http/problem.hpp"

namespace tidemark::http {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  constexpr std::string_view BREAKS{"\r\n\0", 3};
  out += name;
  out += ": ";
  const auto start = out.size();
  out += value;
  for (auto at = out.find_first_of(BREAKS, start); at != std::string::npos; at = out.find_first_of(BREAKS, at)) {
    out[at] = ' ';
  }
  out += "\r\n";
}

bool is_token(std::string_view name) {
  constexpr std::string_view SEPARATORS = "()<>@,;:\\\"/[]?={}";
  for (const char c : name) {
    if (c <= ' ' || c == 0x7f || SEPARATORS.find(c) != std::string_view::npos) return false;
  }
  return !name.empty();
}

bool is_framing(std::string_view name) {
  constexpr std::array<std::string_view, 4> NAMES{"Content-Length", "Transfer-Encoding", "Connection", "Date"};
  for (const auto own : NAMES) {
    if (equals_ignoring_case(name, own)) return true;
  }
  return false;
}

}  // namespace

void append_head(std::string& out, const Response& response, const Framing& framing, std::string_view date) {
  if (response.status == 200) {
    out += "HTTP/1.1 200 OK\r\nDate: ";
  } else {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::uint64_t>(response.status));
    out += ' ';
    out += reason_of(response.status);
    out += "\r\nDate: ";
  }
  out += date;
  out += "\r\n";
  if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
  if (response.content_encoding) append_field(out, "Content-Encoding", *response.content_encoding);
  for (const auto& header : response.headers) {
    if (is_token(header.name) && !is_framing(header.name)) append_field(out, header.name, header.value);
  }
  if (framing.content_length) {
    out += "Content-Length: ";
    append_number(out, *framing.content_length);
    out += "\r\n";
  }
  if (framing.chunked) out += "Transfer-Encoding: chunked\r\n";
  if (framing.close) out += "Connection: close\r\n";
  if (framing.keep_alive) out += "Connection: keep-alive\r\n";
  out += "\r\n";
}

std::string http_date(TimePoint time) {
  constexpr std::array DAYS{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array MONTHS{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                DAYS[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                MONTHS[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
                parts.tm_sec);
  return text.data();
}

}  // namespace tidemark::http
