// Collector: where traces are exported to, and one request to it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "fiber/io_thread.hpp"

namespace tidemark::otlp {

struct Collector {
  std::string host;
  std::uint16_t port = 4318;
  std::string path = "/v1/traces";

  // Of "http://host[:port][/path]"; an IPv6 address in brackets. To the path `/v1/traces` is added where it does not
  // end so. `invalid` for anything else, https:// included.
  static Result<Collector> parse(std::string_view url);
};

struct Answer {
  int status = 0;
  std::optional<Duration> retry_after;  // where the collector says it in seconds
  std::string body;                     // empty where it came in chunks
};

// Posts JSON on a connection of its own. On a fiber of the thread; `unavailable` where there is no connection or no
// HTTP answer, `timeout` after `deadline`. Throws fiber::Cancelled.
Result<Answer> post(fiber::IoThread& thread, const Collector& collector, std::string body, Instant deadline);

// The answer that these bytes begin with; none while they are not all of it. `has_ended`: there will be no more.
// `malformed` for what is no HTTP.
Result<std::optional<Answer>> read_answer(std::string_view bytes, bool has_ended);

}  // namespace tidemark::otlp
