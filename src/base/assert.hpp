// TIDEMARK_ASSERT: an invariant of the program. It stays on in release builds and ends the process.
// Bytes from a disk, a socket or a person never reach one: they get an error.
#pragma once
#include <sstream>
#include <string>

namespace tidemark {

// Prints where and why to standard error and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line, const std::string& message);

// For what must end the process at once and is no bug of ours (a failed fsync): prints the message and aborts.
[[noreturn]] void fatal(const std::string& message);

namespace detail {
template <class... Parts>
std::string concatenate(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}
}  // namespace detail
}  // namespace tidemark

#define TIDEMARK_ASSERT(condition, ...)                               \
  (static_cast<bool>(condition)                                       \
       ? static_cast<void>(0)                                         \
       : ::tidemark::assertion_failed(#condition, __FILE__, __LINE__, \
                                      ::tidemark::detail::concatenate("" __VA_OPT__(, ) __VA_ARGS__)))
