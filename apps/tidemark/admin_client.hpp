// AdminClient: the admin API (docs/admin-api.md) of a running process, or of a data directory at rest. Commands are
// written once, over this.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace tidemark::cli {

struct Question {
  std::string method = "GET";
  std::string path;  // percent-encoded, with the query: "/admin/v1/topics?limit=5"
  std::string body;  // JSON, or empty
  std::string last_event_id;
  int silence_s_max = 60;  // an answer that says nothing for so long is given up; 0: waits for ever
};

struct StreamEvent {
  std::string name, id, data;
};

class AdminClient {
 public:
  virtual ~AdminClient() = default;

  // Returns the body of the answer. Errors: `unavailable` without a connection or a whole answer, `timeout` of a
  // process that hangs, else what the problem says.
  virtual Result<std::string> ask(const Question& question) = 0;
  // Follows server-sent events, however seldom they come, until the stream ends or `take` returns false.
  virtual Result<void> follow(const Question& question, const std::function<bool(const StreamEvent&)>& take) = 0;
  // Whether handlers run behind it, and what happens shows without asking again.
  virtual bool is_running() const = 0;
};

// Of a process, by any of its services: "http://host:port". `invalid` for another URL. The token may be empty.
Result<std::unique_ptr<AdminClient>> ask_process(const std::string& url, std::string token);
// Of a directory that no process has. It is held until the client is gone.
Result<std::unique_ptr<AdminClient>> ask_directory(const std::string& directory);

// A segment of a path, or a value of a query, percent-encoded.
std::string encoded(std::string_view text);
// "?name=value&…" of those that have a value; empty for none.
std::string query_of(const std::vector<std::pair<std::string, std::string>>& parameters);

// What a problem+json says, as an error about `about`.
Failure problem_of(int status, std::string_view body, const std::string& about);

}  // namespace tidemark::cli
