#include "store/embedded/url.hpp"

#include <algorithm>
#include <charconv>

namespace tidemark::store {
namespace {

constexpr std::string_view SCHEME = "embedded:";

Result<std::uint64_t> number(std::string_view name, std::string_view text, std::string_view unit, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most)
    return fail(ErrorCode::invalid,
                "expected a number of " + std::string{unit} + " up to " + std::to_string(most) + ", got \"" +
                    std::string{text} + "\"",
                "store URL: " + std::string{name});
  return value;
}

Result<void> apply(std::string_view name, std::string_view value, EmbeddedOptions& options) {
  if (name == "durability") {
    auto durability = storage::Durability::parse(value);
    if (!durability) return fail(ErrorCode::invalid, durability.error().message, "store URL: durability");
    options.durability = *durability;
    return {};
  }
  if (name == "backlog") {
    auto events = number(name, value, "events", 1'000'000'000);
    if (!events) return events.error();
    options.backlog_max = *events;
    return {};
  }
  if (name != "cache" && name != "reserve")
    return fail(ErrorCode::invalid, "no such option; there are durability, cache, reserve and backlog",
                "store URL: " + std::string{name});
  auto mebibytes = number(name, value, "MiB", 1'000'000);
  if (!mebibytes) return mebibytes.error();
  (name == "cache" ? options.cache_bytes : options.disk_reserve_bytes) = *mebibytes << 20;
  return {};
}

}  // namespace

Result<EmbeddedOptions> parse_embedded_url(std::string_view url) {
  if (!url.starts_with(SCHEME))
    return fail(ErrorCode::invalid, "expected embedded:<directory>, got \"" + std::string{url} + "\"", "store URL");
  const auto rest = url.substr(SCHEME.size());
  const auto question = rest.find('?');
  EmbeddedOptions options;
  options.path = rest.substr(0, question);
  if (options.path.empty()) return fail(ErrorCode::invalid, "names no directory: write embedded:./data", "store URL");
  auto query = question == rest.npos ? std::string_view{} : rest.substr(question + 1);
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const auto equals = part.find('=');
    TIDEMARK_TRY(
        apply(part.substr(0, equals), equals == part.npos ? std::string_view{} : part.substr(equals + 1), options));
  }
  return options;
}

}  // namespace tidemark::store
