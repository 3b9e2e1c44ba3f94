#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace tidemark {

void assertion_failed(const char* condition, const char* file, int line, const std::string& message) {
  std::fprintf(stderr, "tidemark: assertion failed: %s (%s:%d)%s%s\n", condition, file, line,
               message.empty() ? "" : ": ", message.c_str());
  std::abort();
}

void fatal(const std::string& message) {
  std::fprintf(stderr, "tidemark: fatal: %s\n", message.c_str());
  std::abort();
}

}  // namespace tidemark
