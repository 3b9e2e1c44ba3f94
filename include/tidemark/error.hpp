// The errors that Tidemark reports to a service: one family of exceptions, each with a code.
//
//   throw tidemark::NotFound{"no product with the id 42"};      // an endpoint answers 404 with problem+json
//
// Every code has one meaning at the HTTP edge (the status beside it) and one inside. A handler that throws any of them
// has failed an attempt. What the store itself refuses, a conflict or in an outage, reruns it without counting one.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace tidemark {

enum class ErrorCode {
  invalid,                 // 422: a value is not what it must be; the message names its path
  malformed,               // 400: not JSON, not HTTP, not an id
  unauthorized,            // 401
  forbidden,               // 403
  not_found,               // 404
  conflict,                // 409: somebody else changed what was read
  already_exists,          // 409: a unique index or an id is taken
  precondition_failed,     // 412: If-Match names another version
  precondition_required,   // 428: the request must carry If-Match
  too_large,               // 413: over a limit on size
  unsupported_media_type,  // 415: the body is not of a type that is read
  fenced,                  // 409: the delivery now belongs to another run or consumer
  overloaded,              // 429: a limit on what may be in flight or stored is reached; try again later
  unavailable,             // 503: the store can't be reached, or the service is starting or draining
  timeout,                 // 504: a deadline has passed
  cancelled,               // 503: the waiting fiber was told to stop
  disk_full,               // 507: less free disk than the reserve
  in_use,                  // 500: another process holds the data directory
  corrupt,                 // 500: stored bytes are not what was written
  io,                      // 500: the operating system refused a read or a write
  internal,                // 500: a bug
};

// The code's name as written in problem+json and in logs: "not_found".
std::string_view to_string(ErrorCode code) noexcept;

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error{message}, code_{code} {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

namespace detail {
template <ErrorCode Code>
class ErrorOf : public Error {
 public:
  explicit ErrorOf(const std::string& message) : Error{Code, message} {}
};
}  // namespace detail

using Invalid = detail::ErrorOf<ErrorCode::invalid>;
using Malformed = detail::ErrorOf<ErrorCode::malformed>;
using Unauthorized = detail::ErrorOf<ErrorCode::unauthorized>;
using Forbidden = detail::ErrorOf<ErrorCode::forbidden>;
using NotFound = detail::ErrorOf<ErrorCode::not_found>;
using Conflict = detail::ErrorOf<ErrorCode::conflict>;
using AlreadyExists = detail::ErrorOf<ErrorCode::already_exists>;
using PreconditionFailed = detail::ErrorOf<ErrorCode::precondition_failed>;
using PreconditionRequired = detail::ErrorOf<ErrorCode::precondition_required>;
using TooLarge = detail::ErrorOf<ErrorCode::too_large>;
using UnsupportedMediaType = detail::ErrorOf<ErrorCode::unsupported_media_type>;
using Fenced = detail::ErrorOf<ErrorCode::fenced>;
using Overloaded = detail::ErrorOf<ErrorCode::overloaded>;
using Unavailable = detail::ErrorOf<ErrorCode::unavailable>;
using TimedOut = detail::ErrorOf<ErrorCode::timeout>;

}  // namespace tidemark
