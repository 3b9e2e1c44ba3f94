// Compression: gzip for bodies that it pays for, when the client takes it (RFC 9110, 12.5.3).
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "tidemark/http.hpp"

namespace tidemark::http {

struct CompressionOptions {
  bool enabled = true;
  std::size_t bytes_min = 1024;  // smaller bodies fit a packet anyway
  int level = 1;                 // zlib's 1 (fastest) to 9; the I/O thread does the work
};

// Whether an Accept-Encoding takes gzip, and likes it no less than the plain body. An empty one takes nothing.
bool accepts_gzip(std::string_view accept_encoding);

// Whether bodies of this media type shrink: text, JSON, XML, JavaScript, SVG, WebAssembly.
bool is_compressible(std::string_view content_type);

// A gzip file of the bytes.
std::string gzip(std::string_view bytes, int level);

// Compresses the response's body for the client where that pays, and says so (Content-Encoding, Vary). Leaves alone
// what is encoded already, event streams, 204, 206 and 304, and Cache-Control: no-transform. An ETag stays as it is: it
// names the version of the document, not the bytes of the body.
void compress(Response& response, const Request& request, const CompressionOptions& options);

}  // namespace tidemark::http
