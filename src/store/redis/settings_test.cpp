// What a server may be, and what is said of its durability: of settings as they are answered, and of a real server.
#include "store/redis/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/redis/test_store.hpp"

namespace tidemark::store {
namespace {

using redis::Command;
using testing::HasSubstr;

Settings good() {
  Settings settings;
  settings.version = "7.0.15";
  settings.version_major = 7;
  settings.memory_policy = "noeviction";
  settings.append_only = true;
  settings.append_fsync = "always";
  return settings;
}

std::string refusal(const Settings& settings, const RedisOptions& options = {}) {
  const auto checked = check_settings({settings}, options);
  if (checked) return {};
  EXPECT_EQ(checked.error().code, ErrorCode::invalid);
  return checked.error().message;
}

TEST(Settings, AreReadFromInfo) {
  const auto settings = Settings::from_info(
      "# Server\r\nredis_version:7.2.4\r\n# Memory\r\nmaxmemory:1048576\r\nmaxmemory_human:1.00M\r\n"
      "maxmemory_policy:allkeys-lru\r\n# Persistence\r\naof_enabled:1\r\n# Replication\r\nconnected_slaves:2\r\n"
      "# Cluster\r\ncluster_enabled:1\r\n");
  EXPECT_EQ(settings.version, "7.2.4");
  EXPECT_EQ(settings.version_major, 7u);
  EXPECT_EQ(settings.memory_bytes_max, 1u << 20);
  EXPECT_EQ(settings.memory_policy, "allkeys-lru");
  EXPECT_TRUE(settings.append_only);
  EXPECT_EQ(settings.replicas, 2u);
  EXPECT_TRUE(settings.cluster_enabled);
}

TEST(Settings, OfAnOldServerAreRefused) {
  auto settings = good();
  settings.version = "6.2.1";
  settings.version_major = 6;
  EXPECT_THAT(refusal(settings), HasSubstr("7.0"));
}

TEST(Settings, ThatMayDropKeysAreRefused) {
  auto settings = good();
  settings.memory_policy = "allkeys-lru";
  EXPECT_EQ(refusal(settings), "") << "without a limit nothing is dropped";
  settings.memory_bytes_max = 1 << 30;
  EXPECT_THAT(refusal(settings), HasSubstr("noeviction"));
}

TEST(Settings, OfAClusterNeedAClustersUrl) {
  auto settings = good();
  settings.cluster_enabled = true;
  EXPECT_THAT(refusal(settings), HasSubstr("redis+cluster://"));
}

TEST(Settings, ThatDoNotSyncAreRefusedWhereThatIsRequired) {
  RedisOptions options;
  options.require_fsync = true;
  EXPECT_EQ(refusal(good(), options), "");
  auto settings = good();
  settings.append_fsync = "everysec";
  EXPECT_THAT(refusal(settings, options), HasSubstr("appendfsync"));
  settings.append_fsync.reset();
  EXPECT_THAT(refusal(settings, options), HasSubstr("CONFIG GET"));
}

TEST(Durability, IsSaidPlainly) {
  auto settings = good();
  EXPECT_TRUE(durability_of({settings}, {}).loses_nothing);
  settings.replicas = 1;
  EXPECT_FALSE(durability_of({settings}, {}).loses_nothing) << "a fail-over can take what was not replicated";
  EXPECT_THAT(durability_of({settings}, {}).summary, HasSubstr("?wait=1"));
  RedisOptions waiting;
  waiting.wait_replicas = 1;
  EXPECT_TRUE(durability_of({settings}, waiting).loses_nothing);

  settings = good();
  settings.append_fsync = "everysec";
  EXPECT_THAT(durability_of({good(), settings}, {}).summary, HasSubstr("last second")) << "the worst node counts";
  settings.append_only = false;
  EXPECT_THAT(durability_of({settings}, {}).summary, HasSubstr("loses everything"));
  settings.snapshots = true;
  EXPECT_THAT(durability_of({settings}, {}).summary, HasSubstr("snapshot"));
  settings = good();
  settings.append_fsync.reset();
  EXPECT_FALSE(durability_of({settings}, {}).loses_nothing);
  EXPECT_THAT(durability_of({settings}, {}).summary, HasSubstr("not known"));
}

// --- A real server ---

Result<std::unique_ptr<Store>> open(const std::string& url) {
  return RedisStore::open(parse_redis_url(url).or_raise());
}

TEST(Opening, AsksForTheSyncThatItRequires) {
  redis::testing::RedisServer server;
  const auto refused = open(server.url() + "?require=fsync");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  server.tell(Command{"CONFIG", "SET", "appendonly", "yes", "appendfsync", "always"});
  const auto opened = open(server.url() + "?require=fsync");
  ASSERT_TRUE(opened) << opened.error().text();
  EXPECT_TRUE((*opened)->durability().loses_nothing);
}

TEST(Opening, RefusesAServerThatDropsKeys) {
  redis::testing::RedisServer server;
  server.tell(Command{"CONFIG", "SET", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lru"});
  const auto refused = open(server.url());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("noeviction"));
}

TEST(Opening, SaysSoWhenTheUserMayNotAskForTheSettings) {
  redis::testing::RedisServer server;
  server.tell(Command{"ACL", "SETUSER", "shop", "on", ">secret", "~*", "&*", "+@all", "-config"});
  const auto port = std::to_string(server.port());
  const auto opened = open("redis://shop:secret@127.0.0.1:" + port);
  ASSERT_TRUE(opened) << opened.error().text();
  EXPECT_FALSE((*opened)->durability().loses_nothing);
  const auto refused = open("redis://shop:secret@127.0.0.1:" + port + "?require=fsync");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("CONFIG GET"));
}

TEST(Opening, NamesAServerThatIsNotThere) {
  const auto port = redis::testing::free_port();
  const auto refused = open("redis://127.0.0.1:" + std::to_string(port) + "?connect_timeout=200&request_timeout=200");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable) << refused.error().text();
  EXPECT_THAT(refused.error().text(), HasSubstr(std::to_string(port)));
}

}  // namespace
}  // namespace tidemark::store
