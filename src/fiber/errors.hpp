// What a wait throws when it ends before what it waited for.
#pragma once
#include <string>

#include "tidemark/error.hpp"

namespace tidemark::fiber {

// The fiber was told to stop. Let it pass: destructors clean up, and the fiber ends quietly.
class Cancelled final : public Error {
 public:
  explicit Cancelled(const std::string& message) : Error{ErrorCode::cancelled, message} {}
};

// The earliest deadline around the wait (DeadlineScope) has passed.
class DeadlineExceeded final : public Error {
 public:
  explicit DeadlineExceeded(const std::string& message) : Error{ErrorCode::timeout, message} {}
};

}  // namespace tidemark::fiber
