#include "store/redis/options.hpp"

#include <gtest/gtest.h>

namespace tidemark::store {
namespace {

using namespace std::chrono_literals;

TEST(RedisUrl, AsksForNothingByItself) {
  const auto options = parse_redis_url("redis://127.0.0.1:6379").or_raise();
  EXPECT_EQ(options.wait_replicas, 0u);
  EXPECT_FALSE(options.require_fsync);
  EXPECT_EQ(options.clock, &Clock::system());
}

TEST(RedisUrl, SaysWhatACommitWaitsFor) {
  const auto options = parse_redis_url("redis://h:1?wait=2&wait_timeout=250&require=fsync").or_raise();
  EXPECT_EQ(options.wait_replicas, 2u);
  EXPECT_EQ(options.wait_timeout, 250ms);
  EXPECT_TRUE(options.require_fsync);
}

TEST(RedisUrl, IsShownWithoutItsPassword) {
  const auto options = parse_redis_url("redis://shop:secret@h:1").or_raise();
  EXPECT_EQ(options.url.find("secret"), std::string::npos);
  EXPECT_NE(options.url.find("shop"), std::string::npos);
}

TEST(RedisUrl, NamesThePartThatIsWrong) {
  for (const auto& [url, part] :
       {std::pair{"redis://h?wait=two", "wait"}, std::pair{"redis://h?wait=1000", "wait"},
        std::pair{"redis://h?wait_timeout=-1", "wait_timeout"}, std::pair{"redis://h?require=everything", "require"},
        std::pair{"redis://h?colour=red", "colour"}}) {
    const auto options = parse_redis_url(url);
    ASSERT_FALSE(options) << url;
    EXPECT_EQ(options.error().code, ErrorCode::invalid);
    EXPECT_NE(options.error().text().find(part), std::string::npos) << options.error().text();
  }
}

}  // namespace
}  // namespace tidemark::store
