// Result<T>: a value or a Failure, for code below the toolkit's public API, which throws instead.
// The member names are those of std::expected (which clang 14's tools can't parse with libstdc++ 12).
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/assert.hpp"
#include "tidemark/error.hpp"

namespace tidemark {

// What went wrong: a code to act on, a message to read, and what it was about ("stream 'orders'", a path).
struct Failure {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string about;

  // "<about>: <message>", or the message alone.
  std::string text() const { return about.empty() ? message : about + ": " + message; }
};

inline Failure fail(ErrorCode code, std::string message, std::string about = {}) {
  return Failure{code, std::move(message), std::move(about)};
}

// Throws the exception of the public family that carries this failure's code.
[[noreturn]] void raise(const Failure& failure);

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = Failure;

  Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
  Result(Failure failure) : state_{std::in_place_index<1>, std::move(failure)} {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return check(), *std::get_if<0>(&state_); }
  const T& value() const& { return check(), *std::get_if<0>(&state_); }
  T&& value() && { return check(), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Failure& error() const& {
    TIDEMARK_ASSERT(!has_value(), "error() of a Result that holds a value");
    return *std::get_if<1>(&state_);
  }

  // The value, or the failure thrown as an exception of the public family.
  T or_raise() && {
    if (!has_value()) raise(error());
    return std::move(*std::get_if<0>(&state_));
  }

 private:
  void check() const { TIDEMARK_ASSERT(has_value(), "value() of a failed Result: ", error().text()); }
  std::variant<T, Failure> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  using error_type = Failure;

  Result() = default;
  Result(Failure failure) : failure_{std::move(failure)} {}

  bool has_value() const noexcept { return !failure_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  void value() const { TIDEMARK_ASSERT(has_value(), "value() of a failed Result: ", failure_->text()); }
  const Failure& error() const& {
    TIDEMARK_ASSERT(!has_value(), "error() of a Result that holds a value");
    return *failure_;
  }
  void or_raise() && {
    if (failure_) raise(*failure_);
  }

 private:
  std::optional<Failure> failure_;
};

// Returns the failure of `expression` from the enclosing function, or goes on.
#define TIDEMARK_TRY(expression)                                                                          \
  do {                                                                                                    \
    if (auto tidemark_result = (expression); !tidemark_result) return std::move(tidemark_result).error(); \
  } while (false)

}  // namespace tidemark
