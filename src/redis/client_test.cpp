// The client against one real redis-server.
#include "redis/client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "fiber/task_group.hpp"
#include "redis/test_client.hpp"
#include "redis/test_processes.hpp"

namespace tidemark::redis {
namespace {

using namespace std::chrono_literals;

class StandaloneTest : public ClientTest {
 protected:
  using ClientTest::run;
  void run(const std::function<void(Client&)>& body) { run(options_of(server_.url()), body); }

  testing::RedisServer server_;
};

TEST_F(StandaloneTest, AnswersInTheOrderOfTheRequests) {
  run([](Client& client) {
    EXPECT_EQ(client.call(Command{"SET", "a", "1"}).value.text, "OK");
    EXPECT_EQ(client.call(Command{"GET", "a"}).value.text, "1");
    std::vector<Command> commands;
    for (int i = 0; i < 100; ++i) commands.push_back(Command{"ECHO", i});
    const auto replies = client.call_all(std::move(commands));
    ASSERT_EQ(replies.size(), 100u);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(replies[i].value.text, std::to_string(i));
  });
}

TEST_F(StandaloneTest, WritesTheRequestsOfConcurrentFibersTogether) {
  run([](Client& client) {
    client.call(Command{"PING"});
    const auto before = client.statistics();
    fiber::TaskGroup group;
    for (int i = 0; i < 100; ++i) {
      group.spawn("asker", [&client, i] { EXPECT_EQ(client.call(Command{"ECHO", i}).value.text, std::to_string(i)); });
    }
    group.wait();
    const auto after = client.statistics();
    EXPECT_EQ(after.requests - before.requests, 100u);
    EXPECT_EQ(after.answers - before.answers, 100u);
    EXPECT_LE(after.writes - before.writes, 10u);
    EXPECT_EQ(after.connections, 1u);
    EXPECT_EQ(after.in_flight, 0u);
  });
}

TEST_F(StandaloneTest, ReportsAnErrorOfTheServerAsItsAnswer) {
  run([](Client& client) {
    Reply reply = client.call(Command{"NO-SUCH-COMMAND"});
    EXPECT_TRUE(reply.answered());
    EXPECT_EQ(reply.value.error_code(), "ERR");
    const auto failed = std::move(reply).value_or_failure("NO-SUCH-COMMAND");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().about, "NO-SUCH-COMMAND");
    EXPECT_EQ(client.statistics().errors, 1u);
  });
}

TEST_F(StandaloneTest, SendsTwoRequestsOneBehindTheOther) {
  run([](Client& client) {
    auto [set, wait] = client.call_both(Command{"SET", "a", "1"}, Command{"WAIT", 0, 100});
    EXPECT_EQ(set.value.text, "OK");
    EXPECT_EQ(wait.value.number, 0);
    EXPECT_TRUE(wait.answered());
    EXPECT_EQ(set.connection, wait.connection);
  });
}

TEST_F(StandaloneTest, AsksTheOnlyServerAsAllMasters) {
  run([](Client& client) {
    const auto replies = client.call_masters(Command{"PING"});
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].value.text, "PONG");
    EXPECT_FALSE(client.is_cluster());
    EXPECT_EQ(client.node_of("a"), client.options().seeds[0].text());
  });
}

TEST_F(StandaloneTest, SaysThatNobodyListensAndWhere) {
  Options options = options_of(server_.url());
  options.request_timeout = 100ms;
  server_.kill();
  run(options, [&](Client& client) {
    const Reply reply = client.call(Command{"SET", "a", "1"});
    ASSERT_FALSE(reply.answered());
    EXPECT_EQ(reply.failure->code, ErrorCode::unavailable);
    EXPECT_FALSE(reply.may_have_run);
    EXPECT_NE(reply.failure->text().find(server_.endpoint().text()), std::string::npos) << reply.failure->text();
    EXPECT_NE(reply.failure->text().find("refused"), std::string::npos) << reply.failure->text();
  });
}

TEST_F(StandaloneTest, ReachesAServerThatStartsLater) {
  Options options = options_of(server_.url());
  options.request_timeout = 60s;
  server_.kill();
  std::atomic<bool> asked = false;
  std::thread starts_it{[&] {
    testing::eventually([&] { return asked.load(); });
    server_.start();
  }};
  run(options, [&](Client& client) {
    asked = true;
    const Reply reply = client.call(Command{"SET", "a", "1"});
    EXPECT_TRUE(reply.answered()) << reply.failure->text();
  });
  starts_it.join();
}

TEST_F(StandaloneTest, ReconnectsAfterTheServersRestart) {
  Options options = options_of(server_.url());
  options.request_timeout = 60s;
  std::unique_ptr<Client> client;
  thread_.run("before", [&] {
    client = std::make_unique<Client>(thread_, options);
    EXPECT_TRUE(client->call(Command{"PING"}).answered());
  });
  server_.kill();
  server_.start();
  thread_.run("after", [&] {
    EXPECT_TRUE(client->call(Command{"PING"}.repeatable()).answered());
    EXPECT_EQ(client->statistics().reconnects, 1u);
    EXPECT_EQ(client->statistics().connections, 1u);
    client.reset();
  });
}

// Each increment is executed once if it was answered, at most once if it may have run, and else not at all.
TEST_F(StandaloneTest, KnowsWhatWasExecutedWhenTheServerIsKilledUnderLoad) {
  testing::RedisServer server{{"appendonly yes", "appendfsync always"}};
  Options options = options_of(server.url());
  options.request_timeout = 60s;
  std::atomic<int> answered = 0;
  std::atomic<bool> over = false;
  int may_have_run = 0, not_run = 0;
  std::thread kills{[&] {
    for (int i = 0; i < 3; ++i) {
      const int before = answered;
      testing::eventually([&] { return answered >= before + 200; });
      server.kill();
      server.start();
    }
    over = true;
  }};
  std::int64_t counted = 0;
  run(options, [&](Client& client) {
    fiber::TaskGroup group;
    for (int i = 0; i < 20; ++i) {
      group.spawn("counter", [&] {
        while (!over) {
          const Reply reply = client.call(Command{"INCR", "count"});
          if (reply.answered() && !reply.value.is_error()) {
            ++answered;
          } else {
            ++(reply.may_have_run ? may_have_run : not_run);
          }
        }
      });
    }
    group.wait();
    counted = std::stoll(client.call(Command{"GET", "count"}).value.text);
  });
  kills.join();
  EXPECT_GE(counted, answered);
  EXPECT_LE(counted, answered + may_have_run);
  EXPECT_EQ(not_run, 0);
}

TEST_F(StandaloneTest, RefusesWrongPasswordsAtOnceAndSaysHowToMendThem) {
  server_.tell(Command{"CONFIG", "SET", "requirepass", "secret"});
  Options options = options_of(server_.url());
  options.request_timeout = 60s;
  for (const char* password : {"", "wrong"}) {
    options.credentials.password = password;
    run(options, [](Client& client) {
      for (int i = 0; i < 2; ++i) {
        const Reply reply = client.call(Command{"GET", "a"});
        ASSERT_FALSE(reply.answered());
        EXPECT_EQ(reply.failure->code, ErrorCode::unauthorized) << reply.failure->text();
      }
    });
  }
  options.credentials.password = "secret";
  run(options, [](Client& client) { EXPECT_TRUE(client.call(Command{"GET", "a"}).answered()); });
}

TEST_F(StandaloneTest, EndsAWaitAtTheFibersDeadline) {
  run([this](Client& client) {
    client.call(Command{"PING"});
    server_.pause();
    {
      const fiber::DeadlineScope limit{now() + 50ms};
      EXPECT_THROW(client.call(Command{"PING"}), fiber::DeadlineExceeded);
    }
    server_.resume();
    EXPECT_EQ(client.call(Command{"ECHO", "later"}).value.text, "later");
  });
}

TEST_F(StandaloneTest, ReportsThatARequestWithoutAnAnswerMayHaveRun) {
  Options options = options_of(server_.url());
  options.request_timeout = 100ms;
  run(options, [this](Client& client) {
    client.call(Command{"PING"});
    server_.pause();
    const Reply reply = client.call(Command{"INCR", "a"});
    server_.resume();
    ASSERT_FALSE(reply.answered());
    EXPECT_EQ(reply.failure->code, ErrorCode::timeout);
    EXPECT_TRUE(reply.may_have_run);
    EXPECT_NE(reply.failure->text().find("may have executed"), std::string::npos);
    EXPECT_EQ(client.statistics().timeouts, 1u);
  });
}

TEST_F(StandaloneTest, FailsWaitingCallsWhenItIsClosed) {
  server_.pause();
  run([](Client& client) {
    fiber::TaskGroup group;
    group.spawn("asker", [&] {
      const Reply reply = client.call(Command{"PING"}.repeatable());
      ASSERT_FALSE(reply.answered());
      EXPECT_EQ(reply.failure->code, ErrorCode::unavailable);
    });
    this_fiber::yield();
    client.close();
    group.wait();
    EXPECT_EQ(client.call(Command{"PING"}).failure->code, ErrorCode::unavailable);
  });
}

TEST_F(StandaloneTest, MayBeDestroyedWhenItsThreadHasStopped) {
  auto thread = std::make_unique<fiber::IoThread>("client");
  std::unique_ptr<Client> client;
  thread->run("start", [&] {
    client = std::make_unique<Client>(*thread, options_of(server_.url()));
    client->call(Command{"PING"});
    server_.pause();
    thread->loop().spawn("asker", [&] { client->call(Command{"PING"}); });
    this_fiber::yield();
  });
  thread->stop();
  thread->join();
  client.reset();
}

TEST_F(StandaloneTest, WaitsInTheServerAndIsUnblocked) {
  run([](Client& client) {
    auto blocking = client.open_blocking("stream");
    const auto read = [] { return Command{"XREAD", "BLOCK", 0, "STREAMS", "stream", "$"}.repeatable(); };
    for (int i = 0; i < 20; ++i) {
      fiber::TaskGroup group;
      group.spawn("reader", [&] {
        const Reply reply = blocking->call(read(), 60s);
        EXPECT_TRUE(reply.answered()) << reply.failure->text();
        EXPECT_TRUE(reply.value.is_null());
      });
      if (i % 2 == 0) this_fiber::yield();
      if (i % 3 == 0) client.call(Command{"PING"});
      this_fiber::yield();
      blocking->unblock();
      group.wait();
    }
    blocking->unblock();  // nobody waits
    client.call(Command{"XADD", "stream", "*", "name", "value"});
    const Reply reply = blocking->call(Command{"XREAD", "BLOCK", 0, "STREAMS", "stream", "0"}, 60s);
    EXPECT_TRUE(reply.value.is_list());
  });
}

TEST_F(StandaloneTest, GivesABlockingConnectionUpThatTakesTooLong) {
  run([](Client& client) {
    auto blocking = client.open_blocking("stream");
    const Reply reply = blocking->call(Command{"XREAD", "BLOCK", 0, "STREAMS", "stream", "$"}, 50ms);
    EXPECT_FALSE(reply.answered());
    client.call(Command{"XADD", "stream", "*", "name", "value"});
    EXPECT_TRUE(blocking->call(Command{"XREAD", "BLOCK", 0, "STREAMS", "stream", "0"}, 60s).answered());
  });
}

}  // namespace
}  // namespace tidemark::redis
