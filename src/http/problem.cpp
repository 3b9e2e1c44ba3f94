#include "http/problem.hpp"

#include "telemetry/log.hpp"

namespace tidemark::http {
namespace {

constexpr std::string_view NOTHING_SAID = "something went wrong inside the service; its log says what";

Response made(int status, std::string_view detail, std::string_view code, std::string_view trace_id) {
  Response response = Response::problem(status, reason_of(status), detail, code, trace_id);
  if (status == 429 || status == 503) response.with("Retry-After", "1");
  return response;
}

Response internal_error(std::string_view message, std::string_view trace_id) {
  log::error("a request failed", {{"error", message}});
  return made(500, NOTHING_SAID, to_string(ErrorCode::internal), trace_id);
}

Response made(const Failure& failure, std::string_view trace_id) {
  const int status = status_of(failure.code);
  if (status == 500) return internal_error(failure.text(), trace_id);
  return made(status, failure.text(), to_string(failure.code), trace_id);
}

}  // namespace

namespace {

std::string code_of(int status) {
  switch (status) {
    case 400: return std::string{to_string(ErrorCode::malformed)};
    case 408: return std::string{to_string(ErrorCode::timeout)};
    case 413:
    case 414:
    case 431: return std::string{to_string(ErrorCode::too_large)};
    case 429: return std::string{to_string(ErrorCode::overloaded)};
    case 503: return std::string{to_string(ErrorCode::unavailable)};
    default: break;
  }
  std::string code;
  for (const char c : reason_of(status))
    code += c == ' ' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return code;
}

}  // namespace

int status_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid: return 422;
    case ErrorCode::malformed: return 400;
    case ErrorCode::unauthorized: return 401;
    case ErrorCode::forbidden: return 403;
    case ErrorCode::not_found: return 404;
    case ErrorCode::conflict:
    case ErrorCode::already_exists:
    case ErrorCode::fenced: return 409;
    case ErrorCode::precondition_failed: return 412;
    case ErrorCode::precondition_required: return 428;
    case ErrorCode::too_large: return 413;
    case ErrorCode::unsupported_media_type: return 415;
    case ErrorCode::overloaded: return 429;
    case ErrorCode::unavailable:
    case ErrorCode::cancelled: return 503;
    case ErrorCode::timeout: return 504;
    case ErrorCode::disk_full: return 507;
    case ErrorCode::in_use:
    case ErrorCode::corrupt:
    case ErrorCode::io:
    case ErrorCode::internal: return 500;
  }
  return 500;
}

std::string_view reason_of(int status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "";
  }
}

Response problem_of(int status, std::string_view detail) { return made(status, detail, code_of(status), {}); }

Response problem_of(const Failure& failure) { return made(failure, {}); }

Response problem_of(std::exception_ptr exception, const telemetry::TraceId& trace) {
  const auto trace_id = trace ? trace.text() : std::string{};
  try {
    std::rethrow_exception(std::move(exception));
  } catch (const Error& error) {
    return made(Failure{error.code(), error.what(), {}}, trace_id);
  } catch (const std::exception& error) {
    return internal_error(error.what(), trace_id);
  } catch (...) {
    return internal_error("an exception that is no std::exception", trace_id);
  }
}

}  // namespace tidemark::http
