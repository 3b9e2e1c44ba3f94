#include "kit/setup/open_store.hpp"

#include <gtest/gtest.h>

namespace tidemark::kit {
namespace {

TEST(StoreUrl, OfAnUnknownKindIsToldTheKindsThatThereAre) {
  const auto store = open_store("postgres://shop:s3cret@127.0.0.1/shop");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::invalid);
  for (const auto* part : {"store URL", "embedded:<directory>", "redis+cluster://", "postgres://shop:***@127.0.0.1"})
    EXPECT_NE(store.error().text().find(part), std::string::npos) << store.error().text();
}

TEST(StoreUrl, ShowsNoPassword) {
  EXPECT_EQ(without_passwords("embedded:./data?durability=always"), "embedded:./data?durability=always");
  EXPECT_EQ(without_passwords("redis://127.0.0.1:6379/0"), "redis://127.0.0.1:6379/0");
  EXPECT_EQ(without_passwords("redis://ann:secret@host:6379"), "redis://ann:***@host:6379");
  EXPECT_EQ(without_passwords("rediss://:secret@host?wait=1"), "rediss://:***@host?wait=1");
  EXPECT_EQ(without_passwords("redis://ann:s/e?c@ret@host"), "redis://ann:***@host");
  EXPECT_EQ(without_passwords("redis+sentinel://ann:secret@a:1,b:2/m?sentinel_password=other&wait=1"),
            "redis+sentinel://ann:***@a:1,b:2/m?sentinel_password=***&wait=1");
}

}  // namespace
}  // namespace tidemark::kit
