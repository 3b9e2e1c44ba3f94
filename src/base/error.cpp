#include "tidemark/error.hpp"

#include "base/result.hpp"

namespace tidemark {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid: return "invalid";
    case ErrorCode::malformed: return "malformed";
    case ErrorCode::unauthorized: return "unauthorized";
    case ErrorCode::forbidden: return "forbidden";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::already_exists: return "already_exists";
    case ErrorCode::precondition_failed: return "precondition_failed";
    case ErrorCode::precondition_required: return "precondition_required";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::unsupported_media_type: return "unsupported_media_type";
    case ErrorCode::fenced: return "fenced";
    case ErrorCode::overloaded: return "overloaded";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::disk_full: return "disk_full";
    case ErrorCode::in_use: return "in_use";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::io: return "io";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

void raise(const Failure& failure) {
  const std::string message = failure.text();
  switch (failure.code) {
    case ErrorCode::invalid: throw Invalid{message};
    case ErrorCode::malformed: throw Malformed{message};
    case ErrorCode::unauthorized: throw Unauthorized{message};
    case ErrorCode::forbidden: throw Forbidden{message};
    case ErrorCode::not_found: throw NotFound{message};
    case ErrorCode::conflict: throw Conflict{message};
    case ErrorCode::already_exists: throw AlreadyExists{message};
    case ErrorCode::precondition_failed: throw PreconditionFailed{message};
    case ErrorCode::precondition_required: throw PreconditionRequired{message};
    case ErrorCode::too_large: throw TooLarge{message};
    case ErrorCode::unsupported_media_type: throw UnsupportedMediaType{message};
    case ErrorCode::fenced: throw Fenced{message};
    case ErrorCode::overloaded: throw Overloaded{message};
    case ErrorCode::unavailable: throw Unavailable{message};
    case ErrorCode::timeout: throw TimedOut{message};
    default: throw Error{failure.code, message};
  }
}

}  // namespace tidemark
