// Command: a request to a Redis server, encoded as it is built: Command{"XADD", topic, "*"} << name << value.
#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::redis {

// Some of a request's arguments, encoded as they are added.
class Arguments {
 public:
  Arguments& operator<<(std::string_view argument);
  template <std::integral Number>
  Arguments& operator<<(Number number) {
    return *this << std::string_view{std::to_string(number)};
  }
  Arguments& operator<<(const Arguments& more);

 private:
  friend class Command;
  std::string body_;
  std::uint32_t count_ = 0;
};

class Command {
 public:
  template <class... Arguments>
  explicit Command(std::string_view name, const Arguments&... arguments) {
    *this << name;
    (static_cast<void>(*this << arguments), ...);
  }

  template <class Argument>
  Command& operator<<(const Argument& argument) {
    arguments_ << argument;
    return *this;
  }

  // Which key decides where a cluster executes it; none: any node does.
  Command& at(std::string_view key) {
    key_ = key;
    return *this;
  }
  const std::string& key() const noexcept { return key_; }

  // It changes nothing, or changes nothing more when it is executed twice: it may be sent again when the connection
  // broke before its answer came.
  Command& repeatable(bool yes = true) {
    repeatable_ = yes;
    return *this;
  }
  bool is_repeatable() const noexcept { return repeatable_; }

  // Appends the whole request, "*<count>\r\n$…".
  void write(std::string& out) const;
  std::size_t bytes() const noexcept { return arguments_.body_.size(); }
  // For logs and metrics: the first argument, "XADD".
  std::string_view name() const noexcept;

 private:
  Arguments arguments_;
  std::string key_;
  bool repeatable_ = false;
};

}  // namespace tidemark::redis
