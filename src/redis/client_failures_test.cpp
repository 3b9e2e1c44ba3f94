// The client against servers that answer what no healthy one does, by a script.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <vector>

#include "fiber/task_group.hpp"
#include "redis/backoff.hpp"
#include "redis/test_client.hpp"

namespace tidemark::redis {
namespace {

using namespace std::chrono_literals;

class FailuresTest : public ClientTest {
 protected:
  static Options options_for(const ScriptedServer& server) {
    Options options;
    options.seeds = {server.endpoint()};
    options.retry_first = 1ms;
    options.retry_at_most = 5ms;
    options.request_timeout = 60s;
    return options;
  }
};

const auto CLOSES_AT_ONCE = [](ScriptedServer::Peer&) {};

TEST_F(FailuresTest, ReportsWhatMayHaveRunWhenTheConnectionBreaks) {
  std::atomic<int> increments = 0;
  const auto breaks = answering([&](const Words&) { return ++increments, ""; });
  const ScriptedServer server{breaks, breaks};
  run(options_for(server), [&](Client& client) {
    const Reply reply = client.call(Command{"INCR", "a"});
    ASSERT_FALSE(reply.answered());
    EXPECT_EQ(reply.failure->code, ErrorCode::unavailable);
    EXPECT_TRUE(reply.may_have_run);
    EXPECT_NE(reply.failure->text().find("may have executed"), std::string::npos);
    EXPECT_NE(reply.failure->text().find(server.endpoint().text()), std::string::npos);
    EXPECT_EQ(increments, 1);
  });
}

TEST_F(FailuresTest, SendsARepeatableRequestAgainWhenTheConnectionBreaks) {
  const auto breaks = answering([](const Words&) { return ""; });
  const ScriptedServer server{breaks, breaks, answering([](const Words&) { return bulk("value"); })};
  run(options_for(server), [](Client& client) {
    EXPECT_EQ(client.call(Command{"GET", "a"}.repeatable()).value.text, "value");
    EXPECT_EQ(client.statistics().reconnects, 2u);
  });
}

TEST_F(FailuresTest, SendsEveryRequestOnceThatNoConnectionHasCarried) {
  std::atomic<int> increments = 0;
  const ScriptedServer server{CLOSES_AT_ONCE, CLOSES_AT_ONCE,
                              answering([&](const Words&) { return ":" + std::to_string(++increments) + "\r\n"; })};
  run(options_for(server), [&](Client& client) {
    std::vector<Command> commands(10, Command{"INCR", "a"});
    for (const Reply& reply : client.call_all(std::move(commands))) EXPECT_TRUE(reply.answered());
    EXPECT_EQ(increments, 10);
  });
}

TEST_F(FailuresTest, AsksAgainWhatWasNotExecuted) {
  for (const char* error :
       {"LOADING Redis is loading", "TRYAGAIN Multiple keys", "CLUSTERDOWN Hash slot not served",
        "MASTERDOWN Link with MASTER is down", "READONLY You can't write against a read only replica.",
        "BUSY Redis is busy running a script"}) {
    std::atomic<int> asked = 0;
    const ScriptedServer server{answering(
        [&](const Words&) { return ++asked < 4 ? "-" + std::string{error} + "\r\n" : std::string{":1\r\n"}; })};
    run(options_for(server), [&](Client& client) {
      EXPECT_EQ(client.call(Command{"INCR", "a"}).value.number, 1) << error;
      EXPECT_EQ(asked, 4);
    });
  }
}

TEST_F(FailuresTest, GivesUpAtTheTimeOutWithWhatTheServerKeptSaying) {
  const ScriptedServer server{answering([](const Words&) { return "-LOADING Redis is loading\r\n"; })};
  Options options = options_for(server);
  options.request_timeout = 30ms;
  run(options, [](Client& client) {
    const Reply reply = client.call(Command{"INCR", "a"});
    ASSERT_FALSE(reply.answered());
    EXPECT_EQ(reply.failure->code, ErrorCode::unavailable);
    EXPECT_FALSE(reply.may_have_run);
    EXPECT_NE(reply.failure->text().find("LOADING"), std::string::npos);
    EXPECT_EQ(reply.value.error_code(), "LOADING");
  });
}

TEST_F(FailuresTest, LeavesOtherErrorsToTheCaller) {
  for (const char* error :
       {"WRONGTYPE Operation", "OOM command not allowed", "NOPERM no", "MISCONF disk", "MOVED 1 a:1"}) {
    std::atomic<int> asked = 0;
    const ScriptedServer server{answering([&](const Words&) { return ++asked, "-" + std::string{error} + "\r\n"; })};
    run(options_for(server), [&](Client& client) {
      EXPECT_EQ(client.call(Command{"INCR", "a"}).value.text, error);
      EXPECT_EQ(asked, 1);
    });
  }
}

TEST_F(FailuresTest, RepeatsBothOfTwoRequestsThatBelongTogether) {
  std::vector<std::string> seen;  // of the server's thread, until the client is closed
  bool was_loading = false;
  {
    const ScriptedServer server{answering([&](const Words& words) {
      seen.push_back(words[0]);
      if (words[0] == "WAIT") return std::string{":1\r\n"};
      return std::exchange(was_loading, true) ? std::string{"+OK\r\n"} : std::string{"-LOADING\r\n"};
    })};
    run(options_for(server), [](Client& client) {
      const auto [set, wait] = client.call_both(Command{"SET", "a", "1"}, Command{"WAIT", 1, 0});
      EXPECT_EQ(set.value.text, "OK");
      EXPECT_EQ(wait.value.number, 1);
      EXPECT_EQ(set.connection, wait.connection);
    });
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"SET", "WAIT", "SET", "WAIT"}));
}

TEST_F(FailuresTest, GivesTheAnswerOfTheFirstWhenTheConnectionBreaksBeforeThatOfTheSecond) {
  const ScriptedServer server{answering([](const Words& words) { return words[0] == "SET" ? "+OK\r\n" : ""; })};
  run(options_for(server), [](Client& client) {
    const auto [set, wait] = client.call_both(Command{"SET", "a", "1"}, Command{"WAIT", 1, 0});
    EXPECT_EQ(set.value.text, "OK");
    ASSERT_FALSE(wait.answered());
    EXPECT_EQ(wait.failure->code, ErrorCode::unavailable);
  });
}

TEST_F(FailuresTest, KeepsOtherRequestsWhenAFiberGivesUpItsOwn) {
  const ScriptedServer server{[](ScriptedServer::Peer& peer) {
    peer.expect_hello();
    peer.request();
    peer.request();
    peer.say("+first\r\n+second\r\n");
    peer.wait_for_end();
  }};
  run(options_for(server), [](Client& client) {
    fiber::FiberHandle gives_up = fiber::Loop::current()->spawn("gives-up", [&] { client.call(Command{"ECHO", 1}); });
    this_fiber::yield();
    gives_up.cancel();
    EXPECT_EQ(client.call(Command{"ECHO", 2}).value.text, "second");
    EXPECT_EQ(client.statistics().in_flight, 0u);
  });
}

TEST_F(FailuresTest, RefusesMoreThanItHasRoomFor) {
  const ScriptedServer server{[](ScriptedServer::Peer& peer) { peer.wait_for_end(); }};  // never greets
  Options options = options_for(server);
  options.queued_bytes_max = 1000;
  run(options, [](Client& client) {
    fiber::TaskGroup group;
    group.spawn("first", [&] { client.call(Command{"SET", "a", std::string(900, 'x')}); });
    this_fiber::yield();
    const Reply reply = client.call(Command{"SET", "a", std::string(900, 'x')});
    ASSERT_FALSE(reply.answered());
    EXPECT_EQ(reply.failure->code, ErrorCode::overloaded);
    client.close();
  });
}

TEST_F(FailuresTest, GivesABlockingCallUpWhenItsServerIsNoMasterAnyMore) {
  const ScriptedServer server{
      answering([](const Words& words) { return words[0] == "CLIENT" ? ":7\r\n" : "-UNBLOCKED force unblock\r\n"; }),
      answering([](const Words& words) { return words[0] == "CLIENT" ? std::string{":8\r\n"} : bulk("entry"); })};
  run(options_for(server), [](Client& client) {
    auto blocking = client.open_blocking("stream");
    const Reply reply = blocking->call(Command{"XREAD", "BLOCK", 0, "STREAMS", "stream", "$"}, 60s);
    ASSERT_FALSE(reply.answered());
    EXPECT_EQ(reply.failure->code, ErrorCode::unavailable);
    EXPECT_EQ(blocking->call(Command{"XREAD", "BLOCK", 0, "STREAMS", "stream", "$"}, 60s).value.text, "entry");
  });
}

TEST(Backoff, GrowsUpToItsLimitWithJitter) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random{seed};
  for (int round = 0; round < 50; ++round) {
    Backoff backoff{20ms, 2s, random};
    for (Duration whole = 20ms; whole < 10s; whole *= 2) {
      const Duration pause = backoff.next();
      EXPECT_GE(pause, std::min<Duration>(whole, 2s) / 2);
      EXPECT_LE(pause, std::min<Duration>(whole, 2s));
    }
    backoff.reset();
    EXPECT_LE(backoff.next(), 20ms);
  }
}

}  // namespace
}  // namespace tidemark::redis
