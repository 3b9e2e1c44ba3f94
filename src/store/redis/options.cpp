#include "store/redis/options.hpp"

#include <charconv>

namespace tidemark::store {
namespace {

constexpr std::uint64_t REPLICAS_MAX = 100, WAIT_MS_MAX = 60'000;

Result<std::uint64_t> number_of(const std::string& name, const std::string& value, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  if (read.ec == std::errc{} && read.ptr == end && number <= most) return number;
  return fail(ErrorCode::invalid, detail::concatenate("is a number up to ", most, ", not '", value, "'"),
              "the store's URL, " + name);
}

}  // namespace

bool is_redis_url(std::string_view url) { return redis::is_redis_url(url); }

Result<RedisOptions> parse_redis_url(std::string_view url) {
  auto parsed = redis::parse_url(url);
  if (!parsed) return parsed.error();
  RedisOptions options;
  options.client = std::move(parsed->options);
  options.url = redis::without_passwords(url);
  for (const auto& [name, value] : parsed->parameters) {
    if (name == "wait" || name == "wait_timeout") {
      const auto number = number_of(name, value, name == "wait" ? REPLICAS_MAX : WAIT_MS_MAX);
      if (!number) return number.error();
      if (name == "wait") {
        options.wait_replicas = static_cast<std::uint32_t>(*number);
      } else {
        options.wait_timeout = Duration{static_cast<std::int64_t>(*number)};
      }
    } else if (name == "require") {
      if (value != "fsync") {
        return fail(ErrorCode::invalid, "is 'fsync', not '" + value + "'", "the store's URL, require");
      }
      options.require_fsync = true;
    } else {
      return fail(ErrorCode::invalid,
                  "is not an option; there are wait, wait_timeout, require, " + redis::url_parameters(),
                  "the store's URL, " + name);
    }
  }
  return options;
}

}  // namespace tidemark::store
