// Keys with a time to live.
#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

class Keys : public StoreTest {
 protected:
  Commit putting(std::string key, std::string value, Duration live, bool must_be_absent = false) {
    auto commit = commit_in();
    commit.keys.push_back({.key = std::move(key),
                           .value = std::move(value),
                           .expires = clock_.now() + live,
                           .must_be_absent = must_be_absent});
    return commit;
  }
};

TEST_F(Keys, AreFoundUntilTheyExpire) {
  commit(putting("key", "value", 10s));
  EXPECT_EQ(find_key("key"), "value");
  clock_.advance(10s - 1ms);
  EXPECT_EQ(find_key("key"), "value");
  clock_.advance(1ms);
  EXPECT_FALSE(find_key("key")) << "by the clock, whether or not maintain() has come";
  maintain();
  EXPECT_FALSE(find_key("key"));
}

TEST_F(Keys, AreReplacedWithTheirTime) {
  commit(putting("key", "short", 10s));
  commit(putting("key", "long", 20s));
  clock_.advance(15s);
  maintain();
  EXPECT_EQ(find_key("key"), "long");
}

TEST_F(Keys, ThatMustBeAbsentAreRefusedWhileTheyAreThere) {
  commit(putting("key", "first", 10s, true));
  EXPECT_EQ(refused(putting("key", "second", 10s, true)), ErrorCode::already_exists);
  EXPECT_EQ(find_key("key"), "first");
  clock_.advance(10s);
  commit(putting("key", "second", 10s, true));
  EXPECT_EQ(find_key("key"), "second");
  maintain();
  EXPECT_EQ(find_key("key"), "second") << "its predecessor's end is not its own";
}

TEST_F(Keys, AreErased) {
  commit(putting("key", "value", 1h));
  auto erasing = commit_in();
  erasing.keys.push_back({.key = "key", .value = {}});
  commit(erasing);
  EXPECT_FALSE(find_key("key"));
  commit(putting("key", "again", 1h, true));
}

TEST_F(Keys, OfAnotherPartitionAreOthers) {
  commit(putting("key", "value", 1h));
  EXPECT_FALSE(on_fiber([&] { return store().find_key(OTHER_PARTITION, "key"); }).or_raise().value);
}

TEST_F(Keys, SurviveARestartAndExpireAfterIt) {
  commit(putting("short", "value", 10s));
  commit(putting("long", "value", 1h));
  reopen();
  EXPECT_EQ(find_key("short"), "value");
  clock_.advance(1min);
  EXPECT_FALSE(find_key("short"));
  reopen();
  EXPECT_FALSE(find_key("short"));
  EXPECT_EQ(find_key("long"), "value");
}

TEST_F(Keys, TellWhenTheyWantToBeDropped) {
  commit(putting("key", "value", 300ms));
  EXPECT_LE(maintain(), clock_.now() + 300ms);
}

}  // namespace
}  // namespace tidemark::conformance
