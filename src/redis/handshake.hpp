// Handshake: what a connection says before its first request, without sockets.
//
//   HELLO 3 [AUTH user password] SETNAME tidemark      then SELECT, for another database than 0
//   [AUTH [user] password], CLIENT SETNAME, [SELECT]   where the server knows no HELLO or no RESP3, or the options
//   forbid it
#pragma once
#include <deque>
#include <string>

#include "base/result.hpp"
#include "redis/command.hpp"
#include "redis/connection.hpp"
#include "redis/options.hpp"
#include "resp/value.hpp"

namespace tidemark::redis {

class Handshake {
 public:
  explicit Handshake(const Options& options);

  // Appends what is to be sent first.
  void begin(std::string& out);
  // Takes the next answer, and appends what is to be sent then. True when requests may follow. Fails with
  // `unauthorized` when the server wants other credentials, `invalid` when it does not have the database, `unavailable`
  // otherwise.
  Result<bool> answer(const resp::Value& value, std::string& out);

  const Greeting& greeting() const noexcept { return greeting_; }

 private:
  enum class Step { hello, authenticate, set_name, select };

  void send(Step step, const Command& command, std::string& out);
  void send_select(std::string& out);
  void begin_resp2(std::string& out);
  Result<void> refused(Step step, const resp::Value& error, std::string& out);
  void read_greeting(const resp::Value& map);

  const Credentials credentials_;
  const std::uint32_t database_;
  const bool allow_resp3_;
  std::deque<Step> awaited_;
  Greeting greeting_;
};

}  // namespace tidemark::redis
