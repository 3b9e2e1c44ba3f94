// SessionLimits: how much of anything a client may make one connection hold.
#pragma once
#include <cstddef>

namespace tidemark::http {

struct SessionLimits {
  std::size_t target_bytes_max = 8 * 1024;    // past it 414
  std::size_t header_bytes_max = 16 * 1024;   // request line and header fields together; past it 431
  std::size_t header_count_max = 100;         // past it 431
  std::size_t body_bytes_max = 1024 * 1024;   // past it 413
  std::size_t pipelined_max = 64;             // requests begun whose answer is not on its way; past it nothing is read
  std::size_t running_max = 16;               // of these, how many may be without an answer: each may be a large one
  std::size_t output_bytes_max = 256 * 1024;  // answers not yet taken by the client; past it nothing is read
};

}  // namespace tidemark::http
