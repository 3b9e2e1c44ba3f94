// Asks a process of this machine through its operator's endpoints.
#pragma once
#include <boost/describe.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tidemark::cli {

// Posts JSON, and waits for the answer as long as it takes; returns its body. `url` is http://127.0.0.1:<port> or
// http://localhost:<port>: these endpoints are open to this machine only. Errors: `invalid` for another URL,
// `unavailable` without a connection or an answer, and whatever the process's problem says.
Result<std::string> post_to_process(const std::string& url, std::string_view path, std::string_view body);

// What POST /admin/v1/backup answers.
struct BackupAnswer {
  std::string backup;
  std::uint64_t lsn = 0;
  std::string made;
  std::uint64_t bytes = 0, copied_bytes = 0;
  std::vector<std::string> removed;
};
BOOST_DESCRIBE_STRUCT(BackupAnswer, (), (backup, lsn, made, bytes, copied_bytes, removed))

}  // namespace tidemark::cli
