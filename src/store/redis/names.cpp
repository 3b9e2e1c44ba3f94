#include "store/redis/names.hpp"

#include <algorithm>
#include <charconv>
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

std::optional<model::Partition> partition_named(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  model::Partition partition{std::string{text.substr(0, colon)}, 0};
  const auto digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), partition.number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return partition;
}

std::optional<model::Partition> partition_of_topic(std::string_view topic) {
  const auto end = topic.find('}');
  if (!topic.starts_with('{') || end == std::string_view::npos) return std::nullopt;
  return partition_named(topic.substr(1, end - 1));
}

}  // namespace tidemark::store
