#include "base/assert.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace tidemark {
namespace {

// When several threads find at once that the process has to end, one of them says why; the others wait for its end.
[[noreturn]] void end_process(const std::string& why) {
  static std::atomic<pid_t> speaker{0};
  pid_t nobody = 0;
  const pid_t me = ::gettid();
  if (!speaker.compare_exchange_strong(nobody, me) && speaker != me) {
    for (;;) ::pause();
  }
  std::fprintf(stderr, "tidemark: %s\n", why.c_str());
  std::abort();
}

}  // namespace

void assertion_failed(const char* condition, const char* file, int line, const std::string& message) {
  end_process(detail::concatenate("assertion failed: ", condition, " (", file, ":", line, ")",
                                  message.empty() ? "" : ": ", message));
}

void fatal(const std::string& message) { end_process("fatal: " + message); }

}  // namespace tidemark
