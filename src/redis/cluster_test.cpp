// The client against a cluster: scripted nodes for each redirection, real ones for all of it at once.
#include "redis/cluster.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>

#include "fiber/task_group.hpp"
#include "redis/test_client.hpp"
#include "redis/test_processes.hpp"

namespace tidemark::redis {
namespace {

using namespace std::chrono_literals;

std::string slots(const std::string& host, std::uint16_t port, int first = 0, int last = 16'383) {
  return "*1\r\n*3\r\n:" + std::to_string(first) + "\r\n:" + std::to_string(last) + "\r\n*2\r\n" + bulk(host) + ":" +
         std::to_string(port) + "\r\n";
}
std::string slots(const Endpoint& node) { return slots(node.host, node.port); }

Options options_for(std::vector<Endpoint> seeds) {
  Options options;
  options.topology = Options::Topology::cluster;
  options.seeds = std::move(seeds);
  options.retry_first = 1ms;
  options.retry_at_most = 5ms;
  options.request_timeout = 60s;
  return options;
}

// Two nodes, of which the first has all slots, at first.
class ScriptedClusterTest : public ClientTest {
 protected:
  using Answer = std::function<std::string(const Words&)>;

  std::string answer(int node, const Words& words) {
    if (words[0] == "CLUSTER") return slots(owner_ == 0 ? a_.endpoint() : b_.endpoint());
    return node == 0 ? on_a_(words) : on_b_(words);
  }

  // Set before the client runs, and then of the servers' threads.
  Answer on_a_, on_b_;
  std::atomic<int> owner_ = 0;
  ScriptedServer a_{answering([this](const Words& words) { return answer(0, words); }),
                    answering([this](const Words& words) { return answer(0, words); })};
  ScriptedServer b_{answering([this](const Words& words) { return answer(1, words); })};
};

TEST_F(ScriptedClusterTest, FollowsMovedAndRemembersIt) {
  std::atomic<int> asked_a = 0;
  on_a_ = [&](const Words&) {
    ++asked_a;
    owner_ = 1;
    return "-MOVED " + std::to_string(slot_of("key")) + " " + b_.endpoint().text() + "\r\n";
  };
  on_b_ = [](const Words&) { return bulk("from b"); };
  run(options_for({a_.endpoint()}), [&](Client& client) {
    EXPECT_EQ(client.node_of("key"), "");
    const std::uint64_t before = client.topology_epoch();
    EXPECT_EQ(client.call(Command{"SET", "key", 1}.at("key")).value.text, "from b");
    EXPECT_GT(client.topology_epoch(), before);
    EXPECT_EQ(client.node_of("key"), b_.endpoint().text());
    EXPECT_EQ(client.call(Command{"SET", "key", 1}.at("key")).value.text, "from b");
    EXPECT_EQ(asked_a, 1);
    EXPECT_EQ(client.statistics().redirections, 1u);
    EXPECT_TRUE(client.is_cluster());
  });
}

TEST_F(ScriptedClusterTest, FollowsAskForThisOneTimeWithAskingRightBeforeIt) {
  on_a_ = [&](const Words&) { return "-ASK " + std::to_string(slot_of("key")) + " " + b_.endpoint().text() + "\r\n"; };
  std::string last;
  on_b_ = [&](const Words& words) {
    const std::string before = std::exchange(last, words[0]);
    if (words[0] == "ASKING") return std::string{"+OK\r\n"};
    return words[0] == "SET" ? bulk(before) : bulk("behind " + before);
  };
  run(options_for({a_.endpoint()}), [&](Client& client) {
    for (int i = 0; i < 3; ++i) {
      const auto [set, wait] = client.call_both(Command{"SET", "key", 1}.at("key"), Command{"WAIT", 1, 0});
      EXPECT_EQ(set.value.text, "ASKING");
      EXPECT_EQ(wait.value.text, "behind SET");
    }
    EXPECT_EQ(client.node_of("key"), a_.endpoint().text());
  });
}

TEST_F(ScriptedClusterTest, ComesBackToTheSourceWhenTheTargetSaysTryAgain) {
  std::atomic<int> asked_a = 0, asked_b = 0;
  on_a_ = [&](const Words&) {
    return ++asked_a < 3 ? "-ASK " + std::to_string(slot_of("key")) + " " + b_.endpoint().text() + "\r\n" : "+OK\r\n";
  };
  on_b_ = [&](const Words& words) { return words[0] == "ASKING" ? "+OK\r\n" : (++asked_b, "-TRYAGAIN later\r\n"); };
  run(options_for({a_.endpoint()}), [&](Client& client) {
    EXPECT_EQ(client.call(Command{"SET", "key", 1}.at("key")).value.text, "OK");
    EXPECT_EQ(asked_a, 3);
    EXPECT_EQ(asked_b, 2);
  });
}

TEST_F(ScriptedClusterTest, GivesUpAtTheTimeOutWhenTheNodesDisagree) {
  const std::string moved = "-MOVED " + std::to_string(slot_of("key")) + " ";
  on_a_ = [&](const Words&) { return moved + b_.endpoint().text() + "\r\n"; };
  on_b_ = [&](const Words&) { return moved + a_.endpoint().text() + "\r\n"; };
  Options options = options_for({a_.endpoint()});
  options.request_timeout = 100ms;
  run(options, [&](Client& client) {
    const Reply reply = client.call(Command{"SET", "key", 1}.at("key"));
    ASSERT_FALSE(reply.answered());
    EXPECT_NE(reply.failure->text().find("MOVED"), std::string::npos) << reply.failure->text();
    EXPECT_FALSE(reply.may_have_run);
  });
}

TEST_F(ScriptedClusterTest, FindsTheSlotsThroughWhicheverNodeAnswers) {
  on_a_ = [](const Words&) { return bulk("from a"); };
  const std::uint16_t nobody = testing::free_port();
  run(options_for({{"127.0.0.1", nobody}, a_.endpoint()}), [](Client& client) {
    EXPECT_EQ(client.call(Command{"GET", "key"}.at("key")).value.text, "from a");
    EXPECT_EQ(client.call(Command{"PING"}).value.text, "from a");
  });
}

TEST_F(ClientTest, SaysThatASlotIsServedByNobody) {
  const ScriptedServer node{answering([&](const Words&) { return slots("", 7000, 0, 0); })};
  Options options = options_for({node.endpoint()});
  options.request_timeout = 50ms;
  run(options, [](Client& client) {
    const Reply reply = client.call(Command{"GET", "key"}.at("key"));
    ASSERT_FALSE(reply.answered());
    EXPECT_EQ(reply.failure->code, ErrorCode::unavailable);
    EXPECT_NE(reply.failure->text().find("no node serves the slot " + std::to_string(slot_of("key"))),
              std::string::npos)
        << reply.failure->text();
  });
}

TEST_F(ClientTest, SaysThatAServerIsNoNodeOfACluster) {
  const testing::RedisServer server;
  Options options = options_for({server.endpoint()});
  options.request_timeout = 100ms;
  run(options, [](Client& client) {
    const Reply reply = client.call(Command{"GET", "key"}.at("key"));
    ASSERT_FALSE(reply.answered());
    EXPECT_NE(reply.failure->text().find("cluster support disabled"), std::string::npos) << reply.failure->text();
  });
}

TEST_F(ClientTest, SaysAtOnceThatTheClusterRefusesItsUser) {
  const testing::RedisServer locked{{"cluster-enabled yes", "requirepass secret"}};
  const testing::RedisServer narrow{{"cluster-enabled yes", "user default on nopass ~* +ping"}};
  for (const testing::RedisServer* server : {&locked, &narrow}) {
    run(options_for({server->endpoint(), {"127.0.0.1", testing::free_port()}}), [](Client& client) {
      const Reply reply = client.call(Command{"GET", "key"}.at("key"));
      ASSERT_FALSE(reply.answered());
      EXPECT_EQ(reply.failure->code, ErrorCode::unauthorized) << reply.failure->text();
      auto blocking = client.open_blocking("key");
      const Reply read = blocking->call(Command{"XREAD", "BLOCK", 0, "STREAMS", "key", "$"}, Duration::max());
      ASSERT_FALSE(read.answered());
      EXPECT_EQ(read.failure->code, ErrorCode::unauthorized) << read.failure->text();
    });
  }
}

TEST_F(ClientTest, EndsItsSearchForAClusterWhenItIsClosed) {
  Options options = options_for({{"127.0.0.1", testing::free_port()}});
  options.request_timeout = 20ms;
  run(options, [](Client& client) { EXPECT_FALSE(client.call(Command{"PING"}).answered()); });
  thread_.run("after", [] { EXPECT_EQ(fiber::Loop::current()->fiber_count(), 1u); });
}

TEST_F(ClientTest, ReachesEveryKeyOfARealClusterAndAllOfItsMasters) {
  testing::RedisCluster cluster{3};
  Options options = options_of(cluster.url());
  options.request_timeout = 60s;
  run(options, [&](Client& client) {
    std::vector<Command> commands;
    std::map<std::string, int> keys_of_node;
    for (int i = 0; i < 300; ++i) {
      const std::string key = "key" + std::to_string(i);
      commands.push_back(Command{"SET", key, i}.at(key));
    }
    for (const Reply& reply : client.call_all(std::move(commands))) EXPECT_EQ(reply.value.text, "OK");
    for (int i = 0; i < 300; ++i) ++keys_of_node[client.node_of("key" + std::to_string(i))];
    EXPECT_EQ(keys_of_node.size(), 3u);
    std::int64_t keys = 0;
    const auto sizes = client.call_masters(Command{"DBSIZE"});
    EXPECT_EQ(sizes.size(), 3u);
    for (const Reply& size : sizes) keys += size.value.number;
    EXPECT_EQ(keys, 300);
    EXPECT_EQ(client.statistics().redirections, 0u);
  });
}

TEST_F(ClientTest, LosesNothingWhileASlotMovesUnderLoad) {
  testing::RedisCluster cluster{3};
  Options options = options_of(cluster.url());
  options.request_timeout = 60s;
  const std::uint16_t slot = slot_of("{moving}");
  const std::size_t from = cluster.owner_of(slot);
  const std::size_t to = (from + 1) % 3;
  constexpr int FIBERS = 8;
  std::atomic<int> done = 0;
  std::atomic<bool> moved = false;
  std::thread mover{[&] {
    const auto after = [&](int count) { return testing::eventually([&] { return done >= count; }); };
    after(200);
    cluster.begin_migration(slot, to);
    after(done + 200);
    cluster.migrate_keys(slot, to, 2);  // some here, some there
    after(done + 200);
    while (cluster.migrate_keys(slot, to) > 0) continue;
    after(done + 200);
    cluster.finish_migration(slot, to);
    after(done + 200);
    moved = true;
  }};
  run(options, [&](Client& client) {
    auto blocking = client.open_blocking("{moving}stream");
    fiber::TaskGroup group;
    std::vector<std::int64_t> counts(FIBERS);
    for (int i = 0; i < FIBERS; ++i) {
      group.spawn("counter", [&, i] {
        const std::string key = "{moving}" + std::to_string(i);
        while (!moved) {
          const Reply reply = client.call(Command{"INCR", key}.at(key));
          ASSERT_TRUE(reply.answered()) << reply.failure->text();
          ASSERT_EQ(reply.value.number, ++counts[i]) << reply.value.text;
          ++done;
        }
      });
    }
    group.wait();
    EXPECT_GT(client.statistics().redirections, 0u);
    EXPECT_EQ(client.node_of("{moving}"), cluster.node(to).endpoint().text());
    client.call(Command{"XADD", "{moving}stream", "*", "name", "value"}.at("{moving}stream"));
    EXPECT_TRUE(blocking->call(Command{"XREAD", "BLOCK", 0, "STREAMS", "{moving}stream", 0}, 60s).value.is_list());
  });
  mover.join();
}

TEST_F(ClientTest, FollowsASlotWithABlockedRead) {
  testing::RedisCluster cluster{2};
  Options options = options_of(cluster.url());
  options.request_timeout = 60s;
  const std::uint16_t slot = slot_of("stream");
  const std::size_t to = 1 - cluster.owner_of(slot);
  std::thread mover{[&] {
    const auto is_blocked = [&] {
      return cluster.node(1 - to).tell(Command{"INFO", "clients"}).text.find("blocked_clients:1") != std::string::npos;
    };
    EXPECT_TRUE(testing::eventually(is_blocked));
    cluster.migrate(slot, to);
    cluster.node(to).tell(Command{"XADD", "stream", "*", "name", "value"});
  }};
  run(options, [&](Client& client) {
    auto blocking = client.open_blocking("stream");
    Reply reply;
    do {  // in between it may be told to come back later
      reply = blocking->call(Command{"XREAD", "BLOCK", 0, "STREAMS", "stream", 0}, 60s);
    } while (!reply.answered());
    EXPECT_TRUE(reply.value.is_list());
  });
  mover.join();
}

TEST_F(ClientTest, ReachesTheReplicaThatTookOver) {
  testing::RedisCluster cluster{3, 1};
  Options options = options_of(cluster.url());
  options.request_timeout = 60s;
  const std::size_t master = cluster.owner_of(slot_of("key"));
  std::unique_ptr<Client> client;
  std::uint64_t before = 0;
  thread_.run("before", [&] {
    client = std::make_unique<Client>(thread_, options);
    EXPECT_EQ(client->call(Command{"SET", "key", "value"}.at("key")).value.text, "OK");
    EXPECT_EQ(client->call(Command{"WAIT", 1, 10'000}.at("key")).value.number, 1);
    before = client->topology_epoch();
  });
  cluster.node(master).kill();
  thread_.run("after", [&] {
    EXPECT_EQ(client->call(Command{"GET", "key"}.at("key").repeatable()).value.text, "value");
    EXPECT_GT(client->topology_epoch(), before);
    EXPECT_EQ(client->node_of("key"), cluster.replica(master, 0).endpoint().text());
    client.reset();
  });
}

}  // namespace
}  // namespace tidemark::redis
