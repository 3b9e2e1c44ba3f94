#include "store/redis/server.hpp"

#include <utility>

#include "fiber/fiber.hpp"
#include "store/redis/keys.hpp"
#include "store/redis/library.hpp"
#include "telemetry/log.hpp"

namespace tidemark::store {
namespace {

constexpr Duration MOVING_PAUSE{50};

// A function has met a key that this node of the cluster has given away while the rest of its slot is still here.
bool is_moving(const resp::Value& answer) {
  return answer.is_error() && answer.text.find("non local key") != std::string::npos;
}

std::string_view line_value(std::string_view info, std::string_view name) {
  const std::string start = "\n" + std::string{name} + ":";
  auto at = info.find(start);
  if (at == std::string_view::npos) return {};
  at += start.size();
  return info.substr(at, info.find('\r', at) - at);
}

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  for (const char digit : text) number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  return number;
}

}  // namespace

Server::Server(fiber::IoThread& thread, Shared& shared)
    : thread_{thread}, shared_{shared}, client_{thread, shared.options.client} {}

redis::Reply Server::reply(const FunctionCall& call) {
  auto answer = reply_with_functions(call);
  if (!is_moving(answer.value) || !call.command().is_repeatable()) return answer;
  const auto until = thread_.loop().now() + shared_.options.client.request_timeout;
  while (is_moving(answer.value) && thread_.loop().now() < until) {
    this_fiber::sleep_for(MOVING_PAUSE);
    answer = reply_with_functions(call);
  }
  return answer;
}

// A server that does not answer in time is an outage of the store. A deadline of the caller's own is another matter,
// and is thrown.
redis::Reply Server::ask(const redis::Command& command) {
  auto reply = client_.call(command);
  if (reply.answered()) {
    shared_.note_answer();
    return reply;
  }
  if (reply.failure->code == ErrorCode::timeout) reply.failure->code = ErrorCode::unavailable;
  shared_.note_failure(reply.failure->text());
  return reply;
}

redis::Reply Server::reply_with_functions(const FunctionCall& call) {
  // Twice: another process may flush the functions between loading and calling.
  for (int reloads = 0;; ++reloads) {
    auto reply = ask(call.command());
    if (!reply.answered()) return reply;
    if (!is_missing_function(reply.value) || reloads == 2) return reply;
    ++shared_.counters.reloads;
    if (auto loaded = load_functions(); !loaded) {
      reply.failure = loaded.error();
      reply.may_have_run = false;
      return reply;
    }
  }
}

Result<resp::Value> Server::run(const FunctionCall& call) {
  auto answer = reply(call);
  if (!answer.answered()) return *std::move(answer.failure);
  if (answer.value.error_code() == "OOM") shared_.note_out_of_memory();
  return refusal_or(std::move(answer.value), "FCALL");
}

Result<resp::Value> Server::run(const redis::Command& command) {
  auto answer = ask(command);
  if (!answer.answered()) return *std::move(answer.failure);
  if (answer.value.is_error()) return failure_of(answer.value, command.name());
  return std::move(answer.value);
}

// A full server refuses to load what it has, too, so it is asked first.
Result<bool> Server::has_functions() {
  redis::Command list{"FUNCTION", "LIST", "LIBRARYNAME", library().name()};
  list.repeatable();
  bool all = true;
  for (const auto& reply : client_.call_masters(list)) {
    if (!reply.answered()) return *reply.failure;
    if (reply.value.text.find("unknown command") != std::string::npos) {
      return fail(ErrorCode::invalid, "has no functions; Tidemark needs Redis 7.0 or Valkey 7.2, or later",
                  shared_.options.url);
    }
    if (reply.value.is_error()) return failure_of(reply.value, "FUNCTION LIST");
    all = all && !reply.value.items.empty();
  }
  return all;
}

Result<void> Server::load_functions() {
  const auto loaded = has_functions();
  if (!loaded) return loaded.error();
  if (*loaded) return {};
  redis::Command load{"FUNCTION", "LOAD", library().code()};
  load.repeatable();
  for (const auto& reply : client_.call_masters(load)) {
    if (!reply.answered()) return *reply.failure;
    if (!reply.value.is_error() || reply.value.text.find("already exists") != std::string::npos) continue;
    return failure_of(reply.value, "FUNCTION LOAD");
  }
  log::debug("functions loaded", {{"library", library().name()}});
  return {};
}

void Server::look_for_memory() {
  if (!shared_.is_out_of_memory()) return;
  redis::Command info{"INFO", "memory"};
  info.repeatable();
  for (const auto& reply : client_.call_masters(info)) {
    if (!reply.answered() || !reply.value.is_text()) return;
    const auto limit = number_in(line_value(reply.value.text, "maxmemory"));
    if (limit != 0 && number_in(line_value(reply.value.text, "used_memory")) > limit) return;
  }
  shared_.note_memory_again();
}

Result<void> Server::enter(const model::Partition& partition) {
  if (shared_.knows_partition(partition)) return {};
  auto note = shared_.function("note", {std::string{keys::ALL_PARTITIONS}}, FunctionCall::Effect::repeatable);
  note << partition.service + ":" + std::to_string(partition.number);
  if (auto noted = run(note); !noted) return noted.error();
  shared_.note_partition(partition);
  return {};
}

bool is_missing_function(const resp::Value& answer) {
  return answer.is_error() && answer.text.find("Function not found") != std::string::npos;
}

Failure failure_of(const resp::Value& error, std::string_view command) {
  const auto code = error.error_code();
  std::string about{command};
  if (code == "OOM") {
    return fail(ErrorCode::disk_full, "the server has reached its maxmemory; raise that or free some: " + error.text,
                std::move(about));
  }
  if (code == "NOPERM" || code == "NOAUTH" || code == "WRONGPASS") {
    return fail(ErrorCode::unauthorized, "the server's user may not do this: " + error.text, std::move(about));
  }
  if (code == "MISCONF" || code == "NOREPLICAS" || code == "BUSY" || code == "READONLY" || code == "LOADING" ||
      code == "MASTERDOWN" || code == "CLUSTERDOWN" || code == "TRYAGAIN" || code == "UNBLOCKED") {
    return fail(ErrorCode::unavailable, "the server can't execute this now: " + error.text, std::move(about));
  }
  if (is_moving(error)) {
    return fail(ErrorCode::unavailable, "its keys are moving to another node; try again later: " + error.text,
                std::move(about));
  }
  if (code == "WRONGTYPE") {
    return fail(ErrorCode::invalid, "a key of this name holds something else; choose another name: " + error.text,
                std::move(about));
  }
  return fail(ErrorCode::internal, error.text, std::move(about));
}

Result<resp::Value> refusal_or(resp::Value answer, std::string_view command) {
  if (answer.is_error()) return failure_of(answer, command);
  if (!answer.is_list() || answer.items.empty() || !answer.items.front().is_text()) {
    return fail(ErrorCode::internal, "a function of Tidemark has given no answer", std::string{command});
  }
  const auto& word = answer.items.front().text;
  if (word == "ok") return answer;
  std::string message = answer.items.size() > 1 ? answer.items[1].text : word;
  std::string about = answer.items.size() > 2 ? answer.items[2].text : std::string{};
  for (const auto code :
       {ErrorCode::fenced, ErrorCode::conflict, ErrorCode::already_exists, ErrorCode::not_found, ErrorCode::invalid,
        ErrorCode::too_large, ErrorCode::overloaded, ErrorCode::unavailable, ErrorCode::disk_full}) {
    if (word == to_string(code)) return fail(code, std::move(message), std::move(about));
  }
  // "stale": who knows what to do about it looks at the answer first.
  return fail(ErrorCode::conflict, std::move(message), std::move(about));
}

}  // namespace tidemark::store
