#include "http/compression.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <optional>

#include "base/assert.hpp"
#include "http/header_values.hpp"

namespace tidemark::http {
namespace {

// A q-value in thousandths; nothing for what is none (RFC 9110, 12.4.2).
std::optional<int> quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int thousandths = (text[0] - '0') * 1000;
  if (text.size() == 1) return thousandths;
  if (text[1] != '.') return std::nullopt;
  int unit = 100;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') return std::nullopt;
    thousandths += (c - '0') * unit;
    unit /= 10;
  }
  return thousandths <= 1000 ? std::optional{thousandths} : std::nullopt;
}

struct Coding {
  std::string_view name;
  int quality = 1000;
};

Coding coding_of(std::string_view element) {
  auto [name, parameters] = split_at(element, ';');
  Coding coding{trimmed(name), 1000};
  while (!parameters.empty()) {
    const auto [parameter, rest] = split_at(parameters, ';');
    const auto [key, value] = split_at(trimmed(parameter), '=');
    if (equals_ignoring_case(trimmed(key), "q")) coding.quality = quality(trimmed(value)).value_or(0);
    parameters = rest;
  }
  return coding;
}

bool forbids_transformation(const Response& response) {
  for (const auto& header : response.headers) {
    if (!equals_ignoring_case(header.name, "Cache-Control")) continue;
    for (const auto directive : list_elements(header.value)) {
      if (equals_ignoring_case(directive, "no-transform")) return true;
    }
  }
  return false;
}

bool may_be_compressed(const Response& response, const CompressionOptions& options) {
  if (!options.enabled || response.events || response.content_encoding) return false;
  if (has_header(response, "Content-Encoding")) return false;
  if (response.status < 200 || response.status == 204 || response.status == 206 || response.status == 304) return false;
  const std::size_t size = response.shared_body ? response.shared_body->size() : response.body.size();
  return size >= options.bytes_min && is_compressible(response.content_type) && !forbids_transformation(response);
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<int> gzip, identity, any;
  for (const auto element : list_elements(accept_encoding)) {
    const Coding coding = coding_of(element);
    if (equals_ignoring_case(coding.name, "gzip") || equals_ignoring_case(coding.name, "x-gzip")) {
      gzip = std::max(gzip.value_or(0), coding.quality);
    } else if (equals_ignoring_case(coding.name, "identity")) {
      identity = coding.quality;
    } else if (coding.name == "*") {
      any = coding.quality;
    }
  }
  const int liking = gzip ? *gzip : any.value_or(0);
  return liking > 0 && liking >= identity.value_or(0);
}

bool is_compressible(std::string_view content_type) {
  const auto type = trimmed(split_at(content_type, ';').first);
  constexpr std::array<std::string_view, 7> APPLICATIONS{
      "application/json",          "application/javascript", "application/xml", "application/wasm",
      "application/manifest+json", "application/yaml",       "image/svg+xml"};
  return (type.starts_with("text/") && type != "text/event-stream") || type.ends_with("+json") ||
         type.ends_with("+xml") || std::find(APPLICATIONS.begin(), APPLICATIONS.end(), type) != APPLICATIONS.end();
}

std::string gzip(std::string_view bytes, int level) {
  TIDEMARK_ASSERT(level >= 1 && level <= 9, "gzip level ", level);
  TIDEMARK_ASSERT(bytes.size() <= std::numeric_limits<uInt>::max(), "a body above 4 GiB");
  z_stream stream{};
  constexpr int GZIP_WINDOW = 15 + 16;  // 32 KiB, and a gzip header instead of zlib's
  constexpr int MEMORY = 8;             // zlib's default: 256 KiB
  if (deflateInit2(&stream, level, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc{};
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  TIDEMARK_ASSERT(result == Z_STREAM_END, "deflate within its bound returned ", result);
  return out;
}

void compress(Response& response, const Request& request, const CompressionOptions& options) {
  if (!may_be_compressed(response, options)) return;
  add_vary(response, "Accept-Encoding");
  const auto accepted = request.header("Accept-Encoding");
  if (!accepted || !accepts_gzip(*accepted)) return;
  response.body = gzip(response.shared_body ? *response.shared_body : response.body, options.level);
  response.shared_body.reset();
  response.content_encoding = "gzip";
}

}  // namespace tidemark::http
