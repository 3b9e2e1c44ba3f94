// FunctionCall: a call of one of Tidemark's server-side functions (lua/), built up argument by argument.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "redis/command.hpp"

namespace tidemark::store {

// Made by Shared::function(), which knows the functions' names on the server and the time. The first argument of every
// function is the time: empty for the server's own, or milliseconds.
class FunctionCall {
 public:
  enum class Effect {
    reads,       // FCALL_RO; may be sent again
    repeatable,  // changes something, but nothing more when it is sent again
    once,        // is not sent again when the answer got lost
  };

  FunctionCall(const std::string& name_on_server, std::span<const std::string> keys, Effect effect,
               std::string_view now)
      : command_{effect == Effect::reads ? "FCALL_RO" : "FCALL", name_on_server, keys.size()} {
    for (const auto& key : keys) command_ << key;
    command_ << now;
    command_.repeatable(effect != Effect::once);
    if (!keys.empty()) command_.at(keys.front());
  }

  template <class Argument>
  FunctionCall& operator<<(const Argument& argument) {
    command_ << argument;
    return *this;
  }

  const redis::Command& command() const noexcept { return command_; }

 private:
  redis::Command command_;
};

}  // namespace tidemark::store
