#include "store/redis/names.hpp"

#include <algorithm>
#include <string>

#include "store/redis/keys.hpp"

namespace tidemark::store {
namespace {

constexpr std::size_t NAME_BYTES_MAX = 200;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

}  // namespace

Result<void> check_name(std::string_view kind, std::string_view name) {
  const auto about = [&] { return std::string{kind} + " '" + std::string{name.substr(0, NAME_BYTES_MAX)} + "'"; };
  if (name.empty() || name.size() > NAME_BYTES_MAX) {
    return fail(ErrorCode::invalid,
                detail::concatenate("a name has 1 to ", NAME_BYTES_MAX, " bytes, not ", name.size()), about());
  }
  if (std::ranges::any_of(name, is_control)) {
    return fail(ErrorCode::invalid, "a name has no control characters", about());
  }
  if (kind == "topic" && name.find('}') != std::string_view::npos && !keys::has_tag(name)) {
    return fail(ErrorCode::invalid, "a topic's braces must be those of a tag, as in '{roles:0}user_created'", about());
  }
  return {};
}

}  // namespace tidemark::store
