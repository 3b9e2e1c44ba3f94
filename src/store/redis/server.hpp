// Server: the Redis side as one I/O thread sees it: its client, and Tidemark's functions there.
#pragma once
#include <string_view>

#include "base/result.hpp"
#include "fiber/io_thread.hpp"
#include "redis/client.hpp"
#include "store/redis/function_call.hpp"
#include "store/redis/shared.hpp"

namespace tidemark::store {

// All calls on fibers of the thread.
class Server {
 public:
  Server(fiber::IoThread& thread, Shared& shared);

  redis::Client& client() noexcept { return client_; }
  const redis::Client& client() const noexcept { return client_; }
  Shared& shared() noexcept { return shared_; }
  fiber::IoThread& thread() noexcept { return thread_; }

  // Calls a function, loading the library where it is missing. Every function answers with an array that begins with
  // "ok", which is returned whole, or with the name of an error code, a message and what it is about, which becomes the
  // Failure. An answer counts for health(); errors of the server become failures as failure_of() says.
  Result<resp::Value> run(const FunctionCall& call);
  // The same for a plain command.
  Result<resp::Value> run(const redis::Command& command);
  // A function's answer as it is, with whether it may have run when there is none. Loads the library, too. Where keys
  // are just moving to another node, what may be sent again is.
  redis::Reply reply(const FunctionCall& call);

  // Loads the library on every master that lacks it.
  Result<void> load_functions();
  // Where the server was found to have no memory left, looks whether it has again. For maintain().
  void look_for_memory();
  // To be called before anything is done in a partition: notes at its first use that it is there.
  Result<void> enter(const model::Partition& partition);

 private:
  redis::Reply ask(const redis::Command& command);
  redis::Reply reply_with_functions(const FunctionCall& call);
  Result<bool> has_functions();

  fiber::IoThread& thread_;
  Shared& shared_;
  redis::Client client_;
};

// The library has to be loaded (again).
bool is_missing_function(const resp::Value& answer);

// What an error of the server means to the caller: OOM is `disk_full`, NOPERM `unauthorized`, MISCONF and NOREPLICAS
// `unavailable`, WRONGTYPE `invalid`, anything else `internal`.
Failure failure_of(const resp::Value& error, std::string_view command);

// The answer of a function as a result: itself when it begins with "ok", the failure that it names when not.
Result<resp::Value> refusal_or(resp::Value answer, std::string_view command);

}  // namespace tidemark::store
