// Event streams over real sockets, and the end of a server: what lasts, and how it is stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>

#include "http/server_fixture.hpp"
#include "telemetry/log.hpp"

namespace tidemark::http {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class ServerStreamsTest : public ServerTest {
 protected:
  ~ServerStreamsTest() override { server.reset(); }

  // Streams one event, then waits to be stopped.
  void add_endless_events() {
    router.get("/events", [this](Request&) {
      return Response::server_sent_events([this](EventWriter& events) {
        const AtEnd at_end{stream_ended};
        events.send("", "", "hello");
        fiber::Completion<void>{}.wait();
      });
    });
  }
  struct AtEnd {
    std::promise<void>& promise;
    ~AtEnd() { promise.set_value(); }
  };
  std::promise<void> stream_ended;
};

TEST_F(ServerStreamsTest, streams_events_and_goes_on_with_the_connection) {
  router.get("/events", [](Request&) {
    return Response::server_sent_events([](EventWriter& events) {
      events.send("saved", "1-0", "{\"a\":1}");
      this_fiber::yield();
      events.comment("still here");
    });
  });
  Client client{start().port()};
  client.get("/events");
  client.get("/hello");
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(head, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(client.read_until("0\r\n\r\n"), HasSubstr("event: saved\nid: 1-0\ndata: {\"a\":1}\n\n"));
  EXPECT_THAT(client.read_answer(), EndsWith("hello"));
}

TEST_F(ServerStreamsTest, stops_a_stream_whose_client_has_gone) {
  add_endless_events();
  Client client{start().port()};
  client.get("/events");
  client.read_until("data: hello\n\n");
  client.close();
  stream_ended.get_future().wait();
}

TEST_F(ServerStreamsTest, streams_to_a_client_that_wants_one_answer_only) {
  router.get("/events", [&](Request&) {
    return Response::server_sent_events([&](EventWriter& events) {
      const AtEnd at_end{stream_ended};
      events.send("", "", "first");
      this_fiber::sleep_for(20ms);
      events.send("", "", "second");
      fiber::Completion<void>{}.wait();
    });
  });
  Client client{start().port()};
  client.get("/events", "Connection: close\r\n");
  EXPECT_NE(client.read_until("data: second\n\n"), "");
  client.close();
  stream_ended.get_future().wait();
}

TEST_F(ServerStreamsTest, slows_a_stream_down_to_its_client) {
  std::atomic<std::size_t> sent{0};
  router.get("/events", [&](Request&) {
    return Response::server_sent_events([&](EventWriter& events) {
      const std::string data(10'000, 'd');
      for (int i = 0; i < 5'000; ++i) {
        events.send("", "", data);
        sent += data.size();
      }
    });
  });
  Client client{start().port(), 4096};
  client.get("/events");
  client.read_until("data: ");
  // The kernel's buffers and ours are full: the sum stands still, far below the 50 MB that the stream has.
  std::size_t before = 0;
  do {
    before = sent;
    first.run("passes-the-time", [] { this_fiber::sleep_for(100ms); });
  } while (sent != before);
  EXPECT_LT(before, 25'000'000U);
}

TEST_F(ServerStreamsTest, ends_a_stream_whose_client_takes_nothing) {
  router.get("/events", [&](Request&) {
    return Response::server_sent_events([&](EventWriter& events) {
      const AtEnd at_end{stream_ended};
      const std::string data(10'000, 'd');
      for (;;) events.send("", "", data);
    });
  });
  Client client{start({.write_timeout = 50ms}).port(), 4096};
  client.get("/events");
  stream_ended.get_future().wait();
}

TEST_F(ServerStreamsTest, breaks_a_stream_off_that_fails) {
  router.get("/events", [](Request&) {
    return Response::server_sent_events([](EventWriter& events) {
      events.send("", "", "first");
      this_fiber::sleep_for(20ms);
      throw std::runtime_error{"no more"};
    });
  });
  log::set_level(log::Level::off);
  Client client{start().port()};
  client.get("/events");
  EXPECT_THAT(client.read_to_end(), Not(HasSubstr("0\r\n\r\n")));
  log::set_level(log::Level::info);
}

// What is no std::exception left the fiber and ended the process.
TEST_F(ServerStreamsTest, breaks_a_stream_off_that_throws_anything) {
  router.get("/events", [](Request&) {
    return Response::server_sent_events([](EventWriter& events) {
      events.send("", "", "first");
      throw 1;
    });
  });
  log::set_level(log::Level::off);
  Client client{start().port()};
  client.get("/events");
  EXPECT_THAT(client.read_to_end(), Not(HasSubstr("0\r\n\r\n")));
  log::set_level(log::Level::info);
}

TEST_F(ServerStreamsTest, answers_head_for_a_stream_without_running_it) {
  router.get("/events",
             [](Request&) { return Response::server_sent_events([](EventWriter&) { ADD_FAILURE() << "was run"; }); });
  Client client{start().port()};
  client.send("HEAD /events HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("text/event-stream"));
  client.get("/hello");
  EXPECT_THAT(client.read_answer(), EndsWith("hello"));
}

TEST_F(ServerStreamsTest, drains_by_finishing_what_runs) {
  start();
  Client busy{server->port()}, idle{server->port()};
  idle.get("/hello");
  idle.read_answer();
  busy.get("/wait");
  await_waiting(1);
  auto drained = std::async(std::launch::async, [&] { return server->drain(30s); });
  EXPECT_EQ(idle.read_to_end(), "");
  release_waiting();
  const std::string answer = busy.read_to_end();
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, EndsWith("waited"));
  busy.close();
  idle.close();
  EXPECT_TRUE(drained.get());
  EXPECT_EQ(server->stats().connections, 0U);
  EXPECT_FALSE(Client{server->port()}.connected());
}

TEST_F(ServerStreamsTest, ends_streams_properly_when_it_drains) {
  add_endless_events();
  start();
  Client client{server->port()};
  client.get("/events");
  client.read_until("data: hello\n\n");
  auto drained = std::async(std::launch::async, [&] { return server->drain(30s); });
  EXPECT_THAT(client.read_to_end(), EndsWith("0\r\n\r\n"));
  client.close();
  EXPECT_TRUE(drained.get());
}

TEST_F(ServerStreamsTest, cuts_off_what_does_not_end_in_time) {
  start();
  Client client{server->port()};
  client.get("/forever");
  await_waiting(1);
  EXPECT_FALSE(server->drain(50ms));
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server->stats().requests_in_flight, 0U);
}

TEST_F(ServerStreamsTest, can_be_destroyed_with_everything_under_way) {
  start();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Client>(server->port()));
    clients.back()->get(i % 2 == 0 ? "/forever" : "/big");
  }
  await_waiting(4);
  server.reset();
  for (auto& client : clients) client->read_to_end();
}

// Each asks for 8 MB and takes a few KiB of it: of all these, the server may hold 20 MB.
TEST_F(ServerStreamsTest, does_not_hold_without_end_what_clients_do_not_take) {
  const auto port = start({.held_bytes_max = 20'000'000, .write_timeout = 10min}).port();
  std::vector<std::unique_ptr<Client>> takers;
  for (int i = 0; i < 12; ++i) {
    takers.push_back(std::make_unique<Client>(port, 4096));
    takers.back()->get("/big", "Connection: close\r\n");
  }
  const auto is_served = [&] {
    for (const auto until = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < until;) {
      Client client{port};
      client.get("/hello");
      const auto answer = client.read_answer();
      if (answer.starts_with("HTTP/1.1 200 ")) return true;
      EXPECT_THAT(answer, HasSubstr("HTTP/1.1 503 ")) << "the only other answer: not now";
      EXPECT_THAT(answer, HasSubstr("Retry-After: 1"));
    }
    return false;
  };
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(is_served()) << "those who take nothing keep others from being served";
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (server->stats().connections > 3 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_LE(server->stats().connections, 3) << "more of them than the server may hold answers for";
}

// One takes nothing of 8 MB, many send bodies a little at a time: room is made by closing the one.
TEST_F(ServerStreamsTest, makes_room_where_most_is_held) {
  router.get("/big-and-counted", [this](Request&) {
    waiting_count.fetch_add(1);
    waiting_count.notify_all();
    return Response::text(std::string(8'000'000, 'x'), "application/octet-stream");
  });
  const auto port = start({.limits = {.body_bytes_max = 100'000},
                           .held_bytes_max = 2'000'000,
                           .body_timeout = 10min,
                           .write_timeout = 10min})
                        .port();
  std::vector<std::unique_ptr<Client>> senders;
  for (int i = 0; i < 8; ++i) {
    senders.push_back(std::make_unique<Client>(port));
    senders.back()->send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
  }
  const auto until = std::chrono::steady_clock::now() + 60s;
  const auto await_connections = [&](std::size_t count) {
    while (server->stats().connections != count && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return server->stats().connections == count;
  };
  ASSERT_TRUE(await_connections(8));
  Client taker{port, 4096};
  taker.get("/big-and-counted", "Connection: close\r\n");
  await_waiting(1);
  EXPECT_TRUE(await_connections(8)) << "all that send, and none that takes nothing";
  for (auto& sender : senders) {
    sender->send(std::string(97, 'd'));
    EXPECT_THAT(sender->read_answer(), HasSubstr(" 200 "));
  }
}

}  // namespace
}  // namespace tidemark::http
