// Problems: errors as application/problem+json (RFC 9457), with one status for each ErrorCode (tidemark/error.hpp).
//
//   {"type":"about:blank","title":"Not Found","status":404,"detail":"no product with the id 42","code":"not_found"}
#pragma once
#include <exception>
#include <string_view>

#include "base/result.hpp"
#include "telemetry/trace_context.hpp"
#include "tidemark/http.hpp"

namespace tidemark::http {

int status_of(ErrorCode code) noexcept;

// "Not Found" for 404; empty for a status without a name.
std::string_view reason_of(int status) noexcept;

// 429 and 503 advise a Retry-After of one second. A status of 500 says nothing of what went wrong inside: that goes to
// the log, unless it is `cancelled`.
Response problem_of(const Failure& failure);

// What an endpoint threw: an Error by its code, a fiber's cancellation as 503, anything else as 500. A trace is named
// in the problem and in the log.
Response problem_of(std::exception_ptr exception, const telemetry::TraceId& trace = {});

// The same for a bare status, for the edge's own refusals. Its code is that of the ErrorCode which becomes that status,
// or else made from the status's name: "method_not_allowed".
Response problem_of(int status, std::string_view detail);

}  // namespace tidemark::http
