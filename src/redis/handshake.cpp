#include "redis/handshake.hpp"

namespace tidemark::redis {
namespace {

constexpr std::string_view CLIENT_NAME = "tidemark";  // in CLIENT LIST
constexpr std::string_view DEFAULT_USER = "default";

bool knows_no_resp3(const resp::Value& error) {
  return error.error_code() == "NOPROTO" || error.text.starts_with("ERR unknown command");
}

}  // namespace

Handshake::Handshake(const Options& options)
    : credentials_{options.credentials}, database_{options.database}, allow_resp3_{options.allow_resp3} {}

void Handshake::begin(std::string& out) {
  if (!allow_resp3_) return begin_resp2(out);
  Command hello{"HELLO", 3};
  if (!credentials_.password.empty() || !credentials_.user.empty()) {
    hello << "AUTH" << (credentials_.user.empty() ? DEFAULT_USER : std::string_view{credentials_.user})
          << credentials_.password;
  }
  hello << "SETNAME" << CLIENT_NAME;
  send(Step::hello, hello, out);
}

void Handshake::begin_resp2(std::string& out) {
  greeting_ = {};
  // Servers before ACLs take the password alone.
  if (!credentials_.user.empty()) {
    send(Step::authenticate, Command{"AUTH", credentials_.user, credentials_.password}, out);
  } else if (!credentials_.password.empty()) {
    send(Step::authenticate, Command{"AUTH", credentials_.password}, out);
  }
  send(Step::set_name, Command{"CLIENT", "SETNAME", CLIENT_NAME}, out);
  send_select(out);
}

void Handshake::send_select(std::string& out) {
  if (database_ != 0) send(Step::select, Command{"SELECT", database_}, out);
}

void Handshake::send(Step step, const Command& command, std::string& out) {
  command.write(out);
  awaited_.push_back(step);
}

Result<bool> Handshake::answer(const resp::Value& value, std::string& out) {
  const Step step = awaited_.front();
  awaited_.pop_front();
  if (value.is_error()) {
    TIDEMARK_TRY(refused(step, value, out));
  } else if (step == Step::hello) {
    read_greeting(value);
    send_select(out);
  }
  return awaited_.empty();
}

Result<void> Handshake::refused(Step step, const resp::Value& error, std::string& out) {
  const std::string_view code = error.error_code();
  if (code == "NOAUTH") {
    return fail(ErrorCode::unauthorized,
                "the server asks for a password (put it into the URL: redis://user:password@host): " + error.text);
  }
  if (code == "WRONGPASS" || code == "NOPERM" || step == Step::authenticate) {
    if (step == Step::set_name) return {};  // a user that may not name its connection
    return fail(ErrorCode::unauthorized, "the server refuses the user or the password: " + error.text);
  }
  switch (step) {
    case Step::hello:
      if (!knows_no_resp3(error)) break;
      begin_resp2(out);
      return {};
    case Step::set_name: return {};  // a name is for people; old servers have none
    case Step::select:
      return fail(ErrorCode::invalid, "can't use database " + std::to_string(database_) + ": " + error.text);
    case Step::authenticate: break;
  }
  return fail(ErrorCode::unavailable, "the server refuses to talk: " + error.text);
}

void Handshake::read_greeting(const resp::Value& map) {
  greeting_ = {};
  greeting_.protocol = 3;
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
    const std::string& name = map.items[i].text;
    const std::string& text = map.items[i + 1].text;
    if (name == "version") greeting_.version = text;
    if (name == "mode") greeting_.mode = text;
    if (name == "role") greeting_.role = text;
  }
}

}  // namespace tidemark::redis
