// Command: a request to a Redis server, encoded as it is built: Command{"XADD", topic, "*"} << name << value.
#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::redis {

class Command {
 public:
  template <class... Arguments>
  explicit Command(std::string_view name, const Arguments&... arguments) {
    *this << name;
    (static_cast<void>(*this << arguments), ...);
  }

  Command& operator<<(std::string_view argument);
  template <std::integral Number>
  Command& operator<<(Number number) {
    return *this << std::string_view{std::to_string(number)};
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
  std::size_t bytes() const noexcept { return body_.size(); }
  // For logs and metrics: the first argument, "XADD".
  std::string_view name() const noexcept;

 private:
  std::string body_;  // the arguments, encoded
  std::uint32_t count_ = 0;
  std::string key_;
  bool repeatable_ = false;
};

}  // namespace tidemark::redis
