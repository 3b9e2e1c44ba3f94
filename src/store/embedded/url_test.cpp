#include "store/embedded/url.hpp"

#include <gtest/gtest.h>

namespace tidemark::store {
namespace {

TEST(EmbeddedUrl, NamesADirectory) {
  const auto options = parse_embedded_url("embedded:./data").value();
  EXPECT_EQ(options.path, "./data");
  EXPECT_EQ(options.durability.mode, storage::Durability::Mode::always);
  EXPECT_EQ(parse_embedded_url("embedded:/var/lib/shop").value().path, "/var/lib/shop");
}

TEST(EmbeddedUrl, TakesOptionsInAnyOrder) {
  const auto options = parse_embedded_url("embedded:data?reserve=10&durability=interval=100&cache=3&backlog=5").value();
  EXPECT_EQ(options.path, "data");
  EXPECT_EQ(options.durability.mode, storage::Durability::Mode::interval);
  EXPECT_EQ(options.durability.interval, std::chrono::milliseconds{100});
  EXPECT_EQ(options.disk_reserve_bytes, 10u << 20);
  EXPECT_EQ(options.cache_bytes, 3u << 20);
  EXPECT_EQ(options.backlog_max, 5u);
  EXPECT_EQ(parse_embedded_url("embedded:data?").value().path, "data");
}

TEST(EmbeddedUrl, NamesThePartThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"redis://localhost", "store URL: expected embedded:<directory>, got \"redis://localhost\""},
      {"embedded:", "store URL: names no directory"},
      {"embedded:?cache=1", "store URL: names no directory"},
      {"embedded:data?cache=much", "store URL: cache: expected a number of MiB"},
      {"embedded:data?cache=-1", "store URL: cache: expected a number of MiB"},
      {"embedded:data?reserve", "store URL: reserve: expected a number of MiB"},
      {"embedded:data?reserve=1000001", "store URL: reserve: expected a number of MiB"},
      {"embedded:data?durability=often", "store URL: durability: 'often' is none of"},
      {"embedded:data?fsync=no", "store URL: fsync: no such option; there are durability, cache, reserve and backlog"},
      {"embedded:data?backlog=", "store URL: backlog: expected a number of events up to 1000000000, got"},
      {"embedded:data?&cache=1", "store URL: : no such option"},
  };
  for (const auto& [url, text] : cases) {
    const auto options = parse_embedded_url(url);
    ASSERT_FALSE(options) << url;
    EXPECT_EQ(options.error().code, ErrorCode::invalid) << url;
    EXPECT_TRUE(options.error().text().starts_with(text)) << url << ": " << options.error().text();
  }
}

}  // namespace
}  // namespace tidemark::store
