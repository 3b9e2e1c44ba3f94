#include "resp/value.hpp"

namespace tidemark::resp {

std::string_view Value::error_code() const noexcept {
  if (!is_error()) return {};
  const std::string_view message = text;
  return message.substr(0, message.find(' '));
}

}  // namespace tidemark::resp
