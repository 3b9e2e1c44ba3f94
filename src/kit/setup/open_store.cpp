#include "kit/setup/open_store.hpp"

#include <algorithm>
#include <string_view>

#include "store/embedded/embedded_store.hpp"
#include "store/embedded/url.hpp"
#include "store/redis/redis_store.hpp"

namespace tidemark::kit {

namespace {

Result<void> check_kind(const std::string& url) {
  if (store::is_redis_url(url) || url.starts_with("embedded:")) return {};
  return fail(ErrorCode::invalid,
              "expected embedded:<directory>, redis://<host>, redis+sentinel://<hosts>/<master> or "
              "redis+cluster://<hosts> (rediss… over TLS), got \"" +
                  without_passwords(url) + "\"",
              "store URL");
}

}  // namespace

Result<void> check_store_url(const std::string& url) {
  TIDEMARK_TRY(check_kind(url));
  if (store::is_redis_url(url)) {
    TIDEMARK_TRY(store::parse_redis_url(url));
  } else {
    TIDEMARK_TRY(store::parse_embedded_url(url));
  }
  return {};
}

Result<std::unique_ptr<store::Store>> open_store(const std::string& url, Clock& clock) {
  TIDEMARK_TRY(check_kind(url));
  if (store::is_redis_url(url)) {
    auto options = store::parse_redis_url(url);
    if (!options) return options.error();
    options->clock = &clock;
    return store::RedisStore::open(*options);
  }
  auto options = store::parse_embedded_url(url);
  if (!options) return options.error();
  options->clock = &clock;
  return store::EmbeddedStore::open(*options);
}

// "scheme://user:password@…?…password=…": from the colon to the last @, and parameters so named.
std::string without_passwords(std::string url) {
  constexpr std::string_view BLOT = "***";
  if (const auto authority = url.find("://"); authority != url.npos) {
    const auto begin = authority + 3;
    const auto at = url.rfind('@');
    const auto colon = url.find(':', begin);
    if (at != url.npos && at >= begin && colon < at) url.replace(colon + 1, at - colon - 1, BLOT);
  }
  constexpr std::string_view PARAMETER = "password=";
  for (auto found = url.find(PARAMETER); found != url.npos; found = url.find(PARAMETER, found)) {
    found += PARAMETER.size();
    url.replace(found, std::min(url.find('&', found), url.size()) - found, BLOT);
  }
  return url;
}

}  // namespace tidemark::kit
