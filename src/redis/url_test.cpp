#include <gtest/gtest.h>

#include <string>

#include "redis/options.hpp"

namespace tidemark::redis {
namespace {

using Topology = Options::Topology;

ParsedUrl parsed(std::string_view url) {
  auto result = parse_url(url);
  EXPECT_TRUE(result.has_value()) << url << ": " << (result ? "" : result.error().text());
  return result ? *result : ParsedUrl{};
}

std::string refusal(std::string_view url) {
  const auto result = parse_url(url);
  EXPECT_FALSE(result.has_value()) << url;
  if (result) return {};
  EXPECT_EQ(result.error().code, ErrorCode::invalid);
  return result.error().text();
}

TEST(Url, NamesOneServer) {
  const Options options = parsed("redis://127.0.0.1:7777/5").options;
  EXPECT_EQ(options.topology, Topology::standalone);
  EXPECT_EQ(options.seeds, (std::vector<Endpoint>{{"127.0.0.1", 7777}}));
  EXPECT_EQ(options.database, 5u);
  EXPECT_FALSE(options.tls);
  EXPECT_EQ(parsed("redis://example.org").options.seeds, (std::vector<Endpoint>{{"example.org", 6379}}));
  EXPECT_EQ(parsed("redis://[::1]:7000/").options.seeds, (std::vector<Endpoint>{{"::1", 7000}}));
  EXPECT_EQ(parsed("redis://[fe80::1]").options.seeds[0].text(), "[fe80::1]:6379");
}

TEST(Url, CarriesCredentialsPercentDecoded) {
  EXPECT_EQ(parsed("redis://shop:s%40cr%2fet@db").options.credentials, (Credentials{"shop", "s@cr/et"}));
  EXPECT_EQ(parsed("redis://:secret@db").options.credentials, (Credentials{"", "secret"}));
  EXPECT_EQ(parsed("redis://:with@at@db").options.credentials, (Credentials{"", "with@at"}));
}

TEST(Url, AsksForTls) {
  const Options options = parsed("rediss://db?ca=/ca.pem&cert=/c.pem&key=/k.pem&server_name=redis.example").options;
  EXPECT_EQ(options.tls, (Tls{"/ca.pem", "/c.pem", "/k.pem", "redis.example"}));
  EXPECT_EQ(parsed("rediss+cluster://db").options.tls, Tls{});
  EXPECT_NE(refusal("redis://db?ca=/ca.pem").find("rediss"), std::string::npos);
  EXPECT_NE(refusal("rediss://db?cert=/c.pem").find("needs its key"), std::string::npos);
}

TEST(Url, NamesSentinelsAndTheirMaster) {
  const Options options =
      parsed("redis+sentinel://:pw@a,b:26380,[::1]/my%20master/2?sentinel_user=watch&sentinel_password=spw").options;
  EXPECT_EQ(options.topology, Topology::sentinel);
  EXPECT_EQ(options.seeds, (std::vector<Endpoint>{{"a", 26379}, {"b", 26380}, {"::1", 26379}}));
  EXPECT_EQ(options.master, "my master");
  EXPECT_EQ(options.database, 2u);
  EXPECT_EQ(options.credentials, (Credentials{"", "pw"}));
  EXPECT_EQ(options.sentinel_credentials, (Credentials{"watch", "spw"}));
  EXPECT_NE(refusal("redis+sentinel://a:26379").find("master's name is missing"), std::string::npos);
  EXPECT_NE(refusal("redis://a?sentinel_password=x").find("redis+sentinel"), std::string::npos);
}

TEST(Url, NamesNodesOfACluster) {
  const Options options = parsed("redis+cluster://a:7000,b:7001").options;
  EXPECT_EQ(options.topology, Topology::cluster);
  EXPECT_EQ(options.seeds, (std::vector<Endpoint>{{"a", 7000}, {"b", 7001}}));
  EXPECT_NE(refusal("redis+cluster://a/1").find("only database 0"), std::string::npos);
}

TEST(Url, SetsTheClientsOptionsAndLeavesTheOthersToItsReader) {
  const ParsedUrl url =
      parsed("redis://a?protocol=2&connections=3&connect_timeout=100&request_timeout=2500&wait=1&require=fsync&flag");
  EXPECT_FALSE(url.options.allow_resp3);
  EXPECT_EQ(url.options.connections, 3u);
  EXPECT_EQ(url.options.connect_timeout, Duration{100});
  EXPECT_EQ(url.options.request_timeout, Duration{2500});
  EXPECT_EQ(url.parameters, (std::map<std::string, std::string>{{"wait", "1"}, {"require", "fsync"}, {"flag", ""}}));
}

TEST(Url, SaysWhichPartIsWrong) {
  EXPECT_NE(refusal("http://a").find("scheme"), std::string::npos);
  EXPECT_NE(refusal("redis://").find("no host"), std::string::npos);
  EXPECT_NE(refusal("redis://a:b").find("port of 'a:b'"), std::string::npos);
  EXPECT_NE(refusal("redis://a:70000").find("70000"), std::string::npos);
  EXPECT_NE(refusal("redis://::1").find("brackets"), std::string::npos);
  EXPECT_NE(refusal("redis://[::1").find("']' is missing"), std::string::npos);
  EXPECT_NE(refusal("redis://a,b").find("redis+cluster"), std::string::npos);
  EXPECT_NE(refusal("redis://a/x").find("database"), std::string::npos);
  EXPECT_NE(refusal("redis://user@a").find("no password"), std::string::npos);
  EXPECT_NE(refusal("redis://:a%4@b").find("password"), std::string::npos);
  EXPECT_NE(refusal("redis://a?protocol=4").find("2 or 3"), std::string::npos);
  EXPECT_NE(refusal("redis://a?connections=0").find("connections"), std::string::npos);
  EXPECT_NE(refusal("redis://a?wait=1&wait=2").find("twice"), std::string::npos);
}

TEST(Url, IsRecognizedByItsScheme) {
  for (const char* url : {"redis://a", "rediss://a", "redis+sentinel://a/m", "rediss+sentinel://a/m",
                          "redis+cluster://a", "rediss+cluster://a"}) {
    EXPECT_TRUE(is_redis_url(url)) << url;
  }
  EXPECT_FALSE(is_redis_url("embedded:./data"));
  EXPECT_FALSE(is_redis_url("redis"));
}

TEST(Url, IsLoggedWithoutItsPasswords) {
  EXPECT_EQ(without_passwords("redis://user:secret@a:1/0"), "redis://user:***@a:1/0");
  EXPECT_EQ(without_passwords("redis://:se@cret@a"), "redis://:***@a");
  EXPECT_EQ(without_passwords("redis://:se?cret@a"), "redis://:***@a");
  EXPECT_EQ(without_passwords("redis://a:6379"), "redis://a:6379");
  EXPECT_EQ(without_passwords("redis+sentinel://a/m?sentinel_user=u&sentinel_password=p&wait=1"),
            "redis+sentinel://a/m?sentinel_user=u&sentinel_password=***&wait=1");
}

}  // namespace
}  // namespace tidemark::redis
