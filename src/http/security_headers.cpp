#include "http/security_headers.hpp"

namespace tidemark::http {

void add_security_headers(Response& response) {
  response.with("X-Content-Type-Options", "nosniff");
  response.with("Referrer-Policy", "same-origin");
  if (response.content_type.starts_with("text/html")) {
    response.with("Content-Security-Policy", std::string{CONTENT_SECURITY_POLICY});
  }
}

}  // namespace tidemark::http
