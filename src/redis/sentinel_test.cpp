// The client against a master that sentinels name: scripted for what they may say, real for fail-overs.
#include "redis/sentinel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "fiber/completion.hpp"
#include "redis/test_client.hpp"
#include "redis/test_processes.hpp"

namespace tidemark::redis {
namespace {

using namespace std::chrono_literals;

constexpr const char* MASTER_ROLE = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
constexpr const char* REPLICA_ROLE = "*5\r\n$5\r\nslave\r\n$1\r\na\r\n:1\r\n$9\r\nconnected\r\n:0\r\n";

std::string address(const Endpoint& endpoint) {
  return "*2\r\n" + bulk(endpoint.host) + bulk(std::to_string(endpoint.port));
}

class SentinelTest : public ClientTest {
 protected:
  static Options options_for(std::vector<Endpoint> sentinels) {
    Options options;
    options.topology = Options::Topology::sentinel;
    options.seeds = std::move(sentinels);
    options.master = "shop";
    options.retry_first = 1ms;
    options.retry_at_most = 5ms;
    options.request_timeout = 60s;
    return options;
  }
};

TEST_F(SentinelTest, AsksForTheMasterByItsName) {
  const ScriptedServer master{
      answering([](const Words& words) { return words[0] == "ROLE" ? MASTER_ROLE : "+from master\r\n"; })};
  Words asked;
  {
    const ScriptedServer sentinel{
        answering([&](const Words& words) { return asked = words, address(master.endpoint()); })};
    const Endpoint nobody{"127.0.0.1", testing::free_port()};
    run(options_for({nobody, sentinel.endpoint()}), [&](Client& client) {
      EXPECT_EQ(client.node_of("key"), "");
      EXPECT_EQ(client.call(Command{"GET", "key"}).value.text, "from master");
      EXPECT_EQ(client.node_of("key"), master.endpoint().text());
      EXPECT_EQ(client.call_masters(Command{"PING"}).size(), 1u);
    });
  }
  EXPECT_EQ(asked, (Words{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", "shop"}));
}

TEST_F(SentinelTest, DoesNotTakeAReplicaForTheMaster) {
  std::atomic<int> roles = 0;
  const ScriptedServer server{answering([&](const Words& words) {
    if (words[0] != "ROLE") return "+OK\r\n";
    return ++roles < 3 ? REPLICA_ROLE : MASTER_ROLE;
  })};
  const auto names_it = answering([&](const Words&) { return address(server.endpoint()); });
  const ScriptedServer sentinel{names_it, names_it, names_it};
  run(options_for({sentinel.endpoint()}), [&](Client& client) {
    EXPECT_EQ(client.call(Command{"SET", "key", 1}).value.text, "OK");
    EXPECT_EQ(roles, 3);
  });
}

TEST_F(SentinelTest, AsksAgainWhenTheMasterTurnsOutToBeReadOnly) {
  std::atomic<bool> failed_over = false;
  const ScriptedServer promoted{
      answering([](const Words& words) { return words[0] == "ROLE" ? MASTER_ROLE : "+from the new one\r\n"; })};
  const ScriptedServer demoted{answering([&](const Words& words) {
    if (words[0] == "ROLE") return MASTER_ROLE;
    failed_over = true;
    return "-READONLY You can't write against a read only replica.\r\n";
  })};
  const auto names =
      answering([&](const Words&) { return address(failed_over ? promoted.endpoint() : demoted.endpoint()); });
  const ScriptedServer sentinel{names, names};
  run(options_for({sentinel.endpoint()}), [&](Client& client) {
    EXPECT_EQ(client.call(Command{"SET", "key", 1}).value.text, "from the new one");
    EXPECT_EQ(client.topology_epoch(), 2u);
  });
}

TEST_F(SentinelTest, SaysThatTheSentinelsDoNotKnowTheMaster) {
  const auto knows_none = answering([](const Words&) { return "_\r\n"; });
  const ScriptedServer sentinel{knows_none, knows_none, knows_none, knows_none};
  Options options = options_for({sentinel.endpoint()});
  options.request_timeout = 50ms;
  options.retry_first = options.retry_at_most = 40ms;
  run(options, [&](Client& client) {
    const Reply reply = client.call(Command{"GET", "key"});
    ASSERT_FALSE(reply.answered());
    EXPECT_EQ(reply.failure->code, ErrorCode::unavailable);
    EXPECT_NE(reply.failure->text().find("no master called 'shop'"), std::string::npos) << reply.failure->text();
  });
}

TEST_F(SentinelTest, HasCredentialsOfTheirOwnForSentinels) {
  Words greeting;
  {
    const ScriptedServer sentinel{[&](ScriptedServer::Peer& peer) {
      greeting = peer.request();
      peer.say("-WRONGPASS invalid username-password pair or user is disabled.\r\n");
      peer.wait_for_end();
    }};
    Options options = options_for({sentinel.endpoint()});
    options.credentials = {"app", "secret"};
    options.sentinel_credentials = {"watch", "other"};
    run(options, [](Client& client) {
      const Reply reply = client.call(Command{"GET", "key"});
      ASSERT_FALSE(reply.answered());
      EXPECT_EQ(reply.failure->code, ErrorCode::unauthorized) << reply.failure->text();
    });
  }
  EXPECT_EQ(greeting, (Words{"HELLO", "3", "AUTH", "watch", "other", "SETNAME", "tidemark"}));
}

TEST_F(SentinelTest, ReachesThePromotedReplicaWhenTheMasterIsKilled) {
  testing::RedisSentinels sentinels{1, 1};
  Options options = options_of(sentinels.url());
  options.request_timeout = 60s;
  std::unique_ptr<Client> client;
  std::uint64_t before = 0;
  thread_.run("before", [&] {
    client = std::make_unique<Client>(thread_, options);
    const auto [set, wait] = client->call_both(Command{"SET", "key", "value"}, Command{"WAIT", 1, 10'000});
    EXPECT_EQ(set.value.text, "OK");
    EXPECT_EQ(wait.value.number, 1);
    before = client->topology_epoch();
  });
  sentinels.server(0).kill();
  thread_.run("after", [&] {
    const Reply get = client->call(Command{"GET", "key"}.repeatable());
    EXPECT_EQ(get.value.text, "value") << (get.failure ? get.failure->text() : "");
    EXPECT_EQ(client->call(Command{"SET", "key", "other"}).value.text, "OK");
    EXPECT_GT(client->topology_epoch(), before);
    EXPECT_EQ(client->node_of("key"), sentinels.server(1).endpoint().text());
    client.reset();
  });
}

TEST_F(SentinelTest, LeavesAMasterThatHangs) {
  testing::RedisSentinels sentinels{1, 1};
  Options options = options_of(sentinels.url());
  options.request_timeout = 500ms;
  std::unique_ptr<Client> client;
  std::unique_ptr<BlockingConnection> blocking;
  fiber::Completion<Reply> read{thread_.loop()};
  thread_.run("before", [&] {
    client = std::make_unique<Client>(thread_, options);
    EXPECT_EQ(client->call(Command{"PING"}).value.text, "PONG");
    blocking = client->open_blocking("stream");
    thread_.loop().spawn("reader", [&] {
      read.set(blocking->call(Command{"XREAD", "BLOCK", 0, "STREAMS", "stream", "$"}.repeatable(), 3600s));
    });
  });
  sentinels.server(0).pause();
  thread_.run("meanwhile", [&] {
    Reply reply;
    do {
      reply = client->call(Command{"SET", "key", "value"}.repeatable());
    } while (!reply.answered());
    EXPECT_EQ(client->node_of("key"), sentinels.server(1).endpoint().text());
    EXPECT_FALSE(read.wait().answered());
    EXPECT_EQ(client->call(Command{"XADD", "stream", "*", "name", "value"}).value.error_code(), "");
    EXPECT_TRUE(blocking->call(Command{"XREAD", "BLOCK", 0, "STREAMS", "stream", 0}, 60s).value.is_list());
    blocking.reset();
    client.reset();
  });
}

TEST_F(SentinelTest, FollowsTheMasterWhileABlockingReadWaits) {
  testing::RedisSentinels sentinels{1, 1};
  Options options = options_of(sentinels.url());
  options.request_timeout = 60s;
  std::thread operates{[&] {
    const auto is_blocked = [&] {
      return sentinels.server(0).tell(Command{"INFO", "clients"}).text.find("blocked_clients:1") != std::string::npos;
    };
    EXPECT_TRUE(testing::eventually(is_blocked));
    sentinels.fail_over();
    const auto added = [&] {
      return !sentinels.server(1).ask(Command{"XADD", "stream", "*", "name", "value"}).is_error();
    };
    EXPECT_TRUE(testing::eventually(added));
  }};
  run(options, [&](Client& client) {
    auto blocking = client.open_blocking("stream");
    Reply reply;
    do {
      reply = blocking->call(Command{"XREAD", "BLOCK", 0, "STREAMS", "stream", 0}, 60s);
    } while (!reply.answered());
    EXPECT_TRUE(reply.value.is_list());
    EXPECT_EQ(client.node_of("stream"), sentinels.server(1).endpoint().text());
  });
  operates.join();
}

}  // namespace
}  // namespace tidemark::redis
