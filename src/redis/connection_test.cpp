// Connection, against servers that misbehave as told.
#include "redis/connection.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "redis/test_connection.hpp"
#include "redis/test_processes.hpp"
#include "redis/test_scripted_server.hpp"

namespace tidemark::redis {
namespace {

using Peer = ScriptedServer::Peer;

TEST_F(ConnectionTest, answers_belong_to_requests_in_their_order_however_they_are_split) {
  ScriptedServer server{[](Peer& peer) {
    peer.expect_hello();
    for (int i = 0; i < 3; ++i) peer.request();
    peer.say_byte_by_byte("$3\r\none\r\n-ERR two\r\n*2\r\n:3\r\n$-1\r\n");
    peer.wait_for_end();
  }};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    const auto first = opened.send(Command{"GET", "1"}), second = opened.send(Command{"GET", "2"}),
               third = opened.send(Command{"GET", "3"});
    EXPECT_EQ(opened.connection->in_flight(), 3U);
    EXPECT_EQ(first.wait().value.text, "one");
    EXPECT_EQ(second.wait().value.error_code(), "ERR");
    EXPECT_EQ(third.wait().value.items.size(), 2U);
    EXPECT_EQ(opened.connection->in_flight(), 0U);
  });
}

TEST_F(ConnectionTest, requests_of_one_turn_go_out_in_one_write) {
  ScriptedServer server{[](Peer& peer) {
    peer.expect_hello();
    while (!peer.request().empty()) peer.say("+OK\r\n");
  }};
  Traffic traffic;
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_, &traffic};
    opened.wait_ready();
    std::vector<fiber::Completion<Outcome>> outcomes;
    for (int i = 0; i < 100; ++i) outcomes.push_back(opened.send(Command{"SET", "key", i}));
    for (const auto& outcome : outcomes) EXPECT_EQ(outcome.wait().value.text, "OK");
  });
  EXPECT_EQ(traffic.writes.load(), 2U);  // the greeting is the other
  EXPECT_GT(traffic.bytes_sent.load(), 3000U);
  EXPECT_GE(traffic.bytes_received.load(), 500U);
}

TEST_F(ConnectionTest, greets_with_password_and_database) {
  ScriptedServer server{[](Peer& peer) {
    EXPECT_EQ(peer.request(), (Words{"HELLO", "3", "AUTH", "default", "secret", "SETNAME", "tidemark"}));
    peer.say(HELLO_ANSWER);
    EXPECT_EQ(peer.request(), (Words{"SELECT", "7"}));
    peer.say("+OK\r\n");
    peer.wait_for_end();
  }};
  options_.credentials.password = "secret";
  options_.database = 7;
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    opened.wait_ready();
    const Greeting& greeting = opened.connection->greeting();
    EXPECT_EQ(greeting.protocol, 3);
    EXPECT_EQ(greeting.version, "7.0.15");
    EXPECT_EQ(greeting.mode, "standalone");
    EXPECT_EQ(greeting.role, "master");
  });
}

class OldServers : public ConnectionTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(OldServers, are_spoken_to_in_resp2) {
  ScriptedServer server{[](Peer& peer) {
    EXPECT_EQ(peer.request().at(0), "HELLO");
    peer.say(GetParam());
    EXPECT_EQ(peer.request(), (Words{"AUTH", "ann", "secret"}));
    EXPECT_EQ(peer.request(), (Words{"CLIENT", "SETNAME", "tidemark"}));
    EXPECT_EQ(peer.request(), (Words{"SELECT", "2"}));
    peer.say_byte_by_byte("+OK\r\n-ERR unknown subcommand\r\n+OK\r\n");
    EXPECT_EQ(peer.request(), (Words{"GET", "key"}));
    peer.say("$-1\r\n");
    peer.wait_for_end();
  }};
  options_.credentials = {"ann", "secret"};
  options_.database = 2;
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    EXPECT_TRUE(opened.ask(Command{"GET", "key"}).value.is_null());
    EXPECT_EQ(opened.connection->greeting().protocol, 2);
  });
}

INSTANTIATE_TEST_SUITE_P(, OldServers,
                         ::testing::Values("-ERR unknown command `HELLO`, with args beginning with: `3`, \r\n",
                                           "-NOPROTO unsupported protocol version\r\n"),
                         [](const auto& instance) { return instance.index == 0 ? "no_hello" : "no_resp3"; });

TEST_F(ConnectionTest, refusals_of_the_greeting_are_told_apart) {
  const auto refused_with = [&](std::string answer) {
    ScriptedServer server{[answer](Peer& peer) {
      peer.request();
      peer.say(answer);
      peer.wait_for_end();
    }};
    return failure_of(server.endpoint(), options_);
  };
  const Failure no_password = refused_with("-NOAUTH HELLO must be called with the client already authenticated\r\n");
  EXPECT_EQ(no_password.code, ErrorCode::unauthorized);
  EXPECT_NE(no_password.message.find("asks for a password"), std::string::npos) << no_password.text();
  EXPECT_EQ(refused_with("-WRONGPASS invalid username-password pair\r\n").code, ErrorCode::unauthorized);
  const Failure full = refused_with("-ERR max number of clients reached\r\n");
  EXPECT_EQ(full.code, ErrorCode::unavailable);
  EXPECT_NE(full.message.find("max number of clients"), std::string::npos) << full.text();
  EXPECT_EQ(refused_with("HTTP/1.1 400 Bad Request\r\n").code, ErrorCode::unavailable);
}

TEST_F(ConnectionTest, a_break_tells_what_may_have_run_and_what_has_not) {
  ScriptedServer server{[](Peer& peer) {
    peer.expect_hello();
    for (int i = 0; i < 5; ++i) peer.request();
    peer.say("+1\r\n+2\r\n$10\r\nhal");
  }};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    std::vector<std::string> log;
    for (int i = 1; i <= 5; ++i) {
      opened.connection->send(Command{"SET", "key", i}, NO_DEADLINE, [&log, &opened, i](const Outcome& outcome) {
        EXPECT_EQ(opened.connection->is_broken(), i > 2);
        log.push_back(std::to_string(i) + ": " + summary(outcome));
      });
    }
    const Failure why = opened.wait_broken();
    EXPECT_EQ(why.code, ErrorCode::unavailable);
    EXPECT_EQ(why.about, "redis " + server.endpoint().text());
    EXPECT_EQ(log, (std::vector<std::string>{"1: 1", "2: 2", "3: unavailable, may have run",
                                             "4: unavailable, may have run", "5: unavailable, may have run"}));
    EXPECT_EQ(summary(opened.ask(Command{"PING"})), "unavailable, has not run");
  });
}

TEST_F(ConnectionTest, what_was_not_handed_to_the_socket_comes_back_unsent) {
  std::latch may_close{1};
  ScriptedServer server{[&](Peer& peer) {
    peer.expect_hello();
    may_close.wait();
  }};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    opened.wait_ready();
    // More than the kernel takes: its write goes on for as long as nobody reads.
    const auto large = opened.send(Command{"SET", "key", std::string(32u << 20, 'x')});
    std::vector<std::string> log;
    this_fiber::sleep_for(Duration{20});
    for (int i = 1; i <= 3; ++i) {
      opened.connection->send(Command{"SET", "key", i}, NO_DEADLINE, [&log, i](const Outcome& outcome) {
        log.push_back(std::to_string(i) + ": " + summary(outcome));
      });
    }
    EXPECT_GT(opened.connection->queued_bytes(), 0U);
    may_close.count_down();
    EXPECT_EQ(summary(large.wait()), "unavailable, may have run");
    opened.wait_broken();
    EXPECT_EQ(log, (std::vector<std::string>{"1: unavailable, has not run", "2: unavailable, has not run",
                                             "3: unavailable, has not run"}));
  });
}

TEST_F(ConnectionTest, what_waits_for_a_connection_that_fails_has_not_run) {
  ScriptedServer server{[](Peer& peer) { peer.request(); }};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    EXPECT_EQ(summary(opened.ask(Command{"SET", "key", "value"})), "unavailable, has not run");
    opened.wait_broken();
    EXPECT_FALSE(opened.was_ready());
  });
}

TEST_F(ConnectionTest, a_request_past_its_deadline_leaves_its_place_to_its_answer) {
  std::latch may_answer{1};
  ScriptedServer server{[&](Peer& peer) {
    peer.expect_hello();
    peer.request();
    peer.request();
    may_answer.wait();
    peer.say("+late\r\n+second\r\n");
    peer.request();
    peer.say("+third\r\n");
    peer.wait_for_end();
  }};
  options_.request_timeout = Duration{3'600'000};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    opened.wait_ready();
    const auto first = opened.send(Command{"GET", "1"}, soon()), second = opened.send(Command{"GET", "2"});
    EXPECT_EQ(summary(first.wait()), "timeout, may have run");
    EXPECT_EQ(opened.connection->in_flight(), 1U);
    may_answer.count_down();
    EXPECT_EQ(summary(second.wait()), "second");
    EXPECT_EQ(summary(opened.ask(Command{"GET", "3"})), "third");
    EXPECT_EQ(opened.connection->in_flight(), 0U);
  });
}

TEST_F(ConnectionTest, a_server_that_falls_silent_is_given_up) {
  ScriptedServer server{[](Peer& peer) {
    peer.expect_hello();
    peer.wait_for_end();
  }};
  options_.request_timeout = Duration{40};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    opened.wait_ready();
    const auto first = opened.send(Command{"GET", "1"}, soon(Duration{20})), second = opened.send(Command{"GET", "2"});
    EXPECT_EQ(summary(first.wait()), "timeout, may have run");
    EXPECT_EQ(summary(second.wait()), "unavailable, may have run");
    const Failure why = opened.wait_broken();
    EXPECT_NE(why.message.find("has said nothing for"), std::string::npos) << why.text();
  });
}

TEST_F(ConnectionTest, a_request_that_may_wait_long_is_not_given_up) {
  std::latch may_answer{1};
  ScriptedServer server{[&](Peer& peer) {
    peer.expect_hello();
    peer.request();
    may_answer.wait();
    peer.say("+woken\r\n");
    peer.wait_for_end();
  }};
  options_.request_timeout = Duration{10};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    const auto blocking = opened.send(Command{"XREAD", "BLOCK", 0, "STREAMS", "s", "$"});
    EXPECT_FALSE(blocking.wait_until(soon(Duration{100})));
    may_answer.count_down();
    EXPECT_EQ(summary(blocking.wait()), "woken");
  });
}

TEST_F(ConnectionTest, a_request_that_times_out_unsent_is_never_sent) {
  std::latch may_greet{1};
  ScriptedServer server{[&](Peer& peer) {
    EXPECT_EQ(peer.request().at(0), "HELLO");
    may_greet.wait();
    peer.say(HELLO_ANSWER);
    EXPECT_EQ(peer.request(), (Words{"SET", "b", "2"}));
    EXPECT_EQ(peer.request(), (Words{"SET", "d", "4"}));
    peer.say("+b\r\n+d\r\n");
    peer.wait_for_end();
  }};
  options_.connect_timeout = Duration{3'600'000};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    const auto a = opened.send(Command{"SET", "a", 1}, soon()), b = opened.send(Command{"SET", "b", 2}),
               c = opened.send(Command{"SET", "c", 3}, soon()), d = opened.send(Command{"SET", "d", 4});
    EXPECT_EQ(summary(a.wait()), "timeout, has not run");
    EXPECT_EQ(summary(c.wait()), "timeout, has not run");
    may_greet.count_down();
    EXPECT_EQ(summary(b.wait()), "b");
    EXPECT_EQ(summary(d.wait()), "d");
  });
}

TEST_F(ConnectionTest, more_than_may_wait_is_refused) {
  std::latch may_greet{1};
  ScriptedServer server{[&](Peer& peer) {
    peer.request();
    may_greet.wait();
    peer.say(HELLO_ANSWER);
    peer.request();
    peer.say("+OK\r\n");
    peer.wait_for_end();
  }};
  options_.queued_bytes_max = 1000;
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    const auto fits = opened.send(Command{"SET", "key", std::string(900, 'x')});
    EXPECT_EQ(summary(opened.ask(Command{"SET", "key", std::string(100, 'x')})), "overloaded, has not run");
    may_greet.count_down();
    EXPECT_EQ(summary(fits.wait()), "OK");
  });
}

TEST_F(ConnectionTest, bytes_that_are_no_answers_break_it) {
  for (const std::string nonsense : {"?what\r\n", "+nobody\r\n+asked\r\n"}) {
    ScriptedServer server{[&](Peer& peer) {
      peer.expect_hello();
      peer.request();
      peer.say(nonsense);
      peer.wait_for_end();
    }};
    on_fiber([&] {
      Opened opened{thread_, server.endpoint(), options_};
      opened.ask(Command{"PING"});
      EXPECT_EQ(opened.wait_broken().code, ErrorCode::unavailable);
    });
  }
}

TEST_F(ConnectionTest, push_messages_are_no_answers) {
  ScriptedServer server{[](Peer& peer) {
    peer.expect_hello();
    peer.request();
    peer.say(">2\r\n+invalidate\r\n*1\r\n+key\r\n+answer\r\n");
    peer.wait_for_end();
  }};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    EXPECT_EQ(summary(opened.ask(Command{"GET", "key"})), "answer");
    EXPECT_EQ(opened.wait_pushed().items.at(0).text, "invalidate");
  });
}

TEST_F(ConnectionTest, a_greeting_that_takes_too_long_is_given_up) {
  ScriptedServer server{[](Peer& peer) { peer.wait_for_end(); }};
  options_.connect_timeout = Duration{50};
  const Failure failure = failure_of(server.endpoint(), options_);
  EXPECT_EQ(failure.code, ErrorCode::unavailable);
  EXPECT_EQ(failure.message, "saying hello took longer than 50 ms");
}

TEST_F(ConnectionTest, nobody_listening_is_told) {
  const Failure failure = failure_of({"127.0.0.1", testing::free_port()}, options_);
  EXPECT_EQ(failure.code, ErrorCode::unavailable);
  EXPECT_EQ(failure.message, "can't connect: Connection refused; is the server running?");
}

TEST_F(ConnectionTest, names_are_looked_up) {
  ScriptedServer server{[](Peer& peer) {
    peer.expect_hello();
    peer.wait_for_end();
  }};
  on_fiber([&] {
    Opened opened{thread_, {"localhost", server.endpoint().port}, options_};
    opened.wait_ready();
  });
}

TEST_F(ConnectionTest, close_fails_all_within_the_call) {
  ScriptedServer server{[](Peer& peer) {
    peer.expect_hello();
    peer.wait_for_end();
  }};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    opened.wait_ready();
    const auto sent = opened.send(Command{"GET", "1"});
    this_fiber::yield();
    this_fiber::yield();
    const auto unsent = opened.send(Command{"GET", "2"});
    opened.connection->close();
    ASSERT_TRUE(sent.ready());
    ASSERT_TRUE(unsent.ready());
    EXPECT_EQ(summary(sent.wait()), "unavailable, may have run");
    EXPECT_EQ(summary(unsent.wait()), "unavailable, has not run");
    EXPECT_TRUE(opened.connection->is_broken());
  });
}

TEST_F(ConnectionTest, callbacks_may_send_close_and_destroy) {
  ScriptedServer server{[](Peer& peer) {
                          peer.expect_hello();
                          while (!peer.request().empty()) peer.say("+OK\r\n");
                        },
                        [](Peer& peer) {
                          peer.expect_hello();
                          while (!peer.request().empty()) peer.say("+OK\r\n+OK\r\n");
                        }};
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    const fiber::Completion<Outcome> second;
    opened.connection->send(Command{"GET", "1"}, NO_DEADLINE, [&](const Outcome&) {
      opened.connection->send(Command{"GET", "2"}, NO_DEADLINE, [&](Outcome outcome) {
        opened.connection->close();
        second.set(std::move(outcome));
      });
    });
    EXPECT_EQ(summary(second.wait()), "OK");
    EXPECT_TRUE(opened.connection->is_broken());
  });
  on_fiber([&] {
    Opened opened{thread_, server.endpoint(), options_};
    const fiber::Completion<Outcome> answered;
    opened.connection->send(Command{"GET", "1"}, NO_DEADLINE, [&](Outcome outcome) {
      opened.connection.reset();
      answered.set(std::move(outcome));
    });
    bool dropped_was_called = false;
    opened.connection->send(Command{"GET", "2"}, NO_DEADLINE, [&](const Outcome&) { dropped_was_called = true; });
    EXPECT_EQ(summary(answered.wait()), "OK");
    EXPECT_FALSE(dropped_was_called);
  });
}

}  // namespace
}  // namespace tidemark::redis
