// The server on real sockets: what the session's tests can't see, because it takes a loop, fibers and a kernel.
#include "http/server.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <latch>
#include <thread>

#include "fiber/completion.hpp"
#include "fiber/io_thread.hpp"
#include "http/router.hpp"
#include "telemetry/log.hpp"
#include "tidemark/error.hpp"

namespace tidemark::http {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A blocking client; a read that takes longer than half a minute fails the test.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const timeval limit{30, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void get(std::string_view path, std::string_view headers = "") {
    send("GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n" + std::string{headers} + "\r\n");
  }
  // Reads until the text so far has `end` in it; returns all up to there, nothing when the connection ends before.
  std::string read_until(std::string_view end) {
    for (;;) {
      if (const auto at = received_.find(end); at != std::string::npos) {
        std::string text = received_.substr(0, at + end.size());
        received_.erase(0, at + end.size());
        return text;
      }
      if (!receive()) return {};
    }
  }
  // One answer with a Content-Length.
  std::string read_answer() {
    std::string head = read_until("\r\n\r\n");
    const auto at = head.find("Content-Length: ");
    if (at == std::string::npos) return head;
    const std::size_t size = std::stoul(head.substr(at + 16));
    while (received_.size() < size) {
      if (!receive()) return {};
    }
    head += received_.substr(0, size);
    received_.erase(0, size);
    return head;
  }
  std::string read_to_end() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

 private:
  bool receive() {
    char block[16384];
    const auto count = ::recv(socket_, block, sizeof block, 0);
    if (count <= 0) return false;
    received_.append(block, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  bool connected_ = false;
  std::string received_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    router.get("/hello", [](Request&) { return Response::text("hello"); });
    router.post("/echo", [](Request& request) { return Response::text(request.body); });
    router.get("/throw", [](Request&) -> Response { throw Conflict{"somebody was faster"}; });
    router.get("/big",
               [](Request&) { return Response::text(std::string(8'000'000, 'x'), "application/octet-stream"); });
    router.get("/text", [](Request&) { return Response::text(std::string(10'000, 'x')); });
    router.get("/wait", [this](Request&) {
      const fiber::Completion<void> released;
      {
        const std::lock_guard lock{mutex};
        waiting.push_back(released);
      }
      waiting_count.fetch_add(1);
      waiting_count.notify_all();
      released.wait();
      return Response::text("waited");
    });
    router.get("/forever", [this](Request&) -> Response {
      waiting_count.fetch_add(1);
      waiting_count.notify_all();
      fiber::Completion<void>{}.wait();
      return {};
    });
  }

  void release_waiting() {
    const std::lock_guard lock{mutex};
    for (const auto& completion : waiting) completion.set();
    waiting.clear();
  }
  void await_waiting(int count) {
    for (int now = waiting_count.load(); now < count; now = waiting_count.load()) waiting_count.wait(now);
  }

  Server& start(ServerOptions options = {}) {
    options.metrics = &metrics;
    options.name = "test";
    server.emplace(std::vector<fiber::IoThread*>{&first, &second}, std::move(options), router);
    server->start();
    return *server;
  }

  fiber::IoThread first{"io-1"}, second{"io-2"};
  telemetry::Metrics metrics;
  Router router;
  std::mutex mutex;
  std::vector<fiber::Completion<void>> waiting;
  std::atomic<int> waiting_count{0};
  std::optional<Server> server;  // goes first
};

TEST_F(ServerTest, answers_on_a_port_of_its_choosing) {
  Client client{start().port()};
  client.get("/hello");
  const std::string answer = client.read_answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello"));
}

TEST_F(ServerTest, keeps_the_connection_and_the_order) {
  Client client{start().port()};
  std::string input;
  for (int i = 0; i < 200; ++i) {
    const std::string body = "body " + std::to_string(i);
    input += "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  client.send(input);
  for (int i = 0; i < 200; ++i) EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\nbody " + std::to_string(i)));
}

TEST_F(ServerTest, runs_the_requests_of_a_connection_side_by_side) {
  Client client{start().port()};
  client.get("/wait");
  client.get("/hello");
  client.get("/wait");
  await_waiting(2);
  release_waiting();
  EXPECT_THAT(client.read_answer(), EndsWith("waited"));
  EXPECT_THAT(client.read_answer(), EndsWith("hello"));
  EXPECT_THAT(client.read_answer(), EndsWith("waited"));
}

TEST_F(ServerTest, sends_a_large_body_whole) {
  Client client{start().port(), 4096};
  client.get("/big", "Connection: close\r\n");
  const std::string answer = client.read_to_end();
  EXPECT_THAT(answer.substr(0, 200), HasSubstr("Content-Length: 8000000\r\n"));
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 8'000'000U);
}

TEST_F(ServerTest, takes_a_body_in_pieces) {
  Client client{start().port()};
  const std::string body(500'000, 'b');
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 500000\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send(body);
  EXPECT_TRUE(client.read_answer().ends_with("\r\n\r\n" + body));
}

TEST_F(ServerTest, makes_problems_of_exceptions) {
  Client client{start().port()};
  client.get("/throw");
  const std::string answer = client.read_answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 409 Conflict\r\n"));
  EXPECT_THAT(answer, HasSubstr("somebody was faster"));
  client.get("/hello");
  EXPECT_THAT(client.read_answer(), EndsWith("hello"));
}

TEST_F(ServerTest, compresses_for_those_who_take_it) {
  Client client{start().port()};
  client.get("/text", "Accept-Encoding: gzip\r\n");
  const std::string answer = client.read_answer();
  EXPECT_THAT(answer, HasSubstr("Content-Encoding: gzip\r\n"));
  EXPECT_LT(answer.size(), 1000U);
}

TEST_F(ServerTest, answers_preflights_before_the_router) {
  Client client{start({.cors = {.origins = {"https://shop.example"}}}).port()};
  client.send(
      "OPTIONS /echo HTTP/1.1\r\nHost: x\r\nOrigin: https://shop.example\r\nAccess-Control-Request-Method: "
      "POST\r\n\r\n");
  EXPECT_THAT(client.read_answer(), HasSubstr("Access-Control-Allow-Origin: https://shop.example\r\n"));
  client.get("/hello", "Origin: https://shop.example\r\n");
  EXPECT_THAT(client.read_answer(), HasSubstr("Access-Control-Allow-Origin: https://shop.example\r\n"));
}

TEST_F(ServerTest, answers_what_is_no_http_and_closes) {
  Client client{start().port()};
  client.send("NONSENSE\r\n\r\n" + std::string(100'000, 'x'));
  EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(ServerTest, answers_a_client_that_has_stopped_sending) {
  Client client{start().port()};
  client.get("/hello");
  client.end_sending();
  EXPECT_THAT(client.read_to_end(), EndsWith("hello"));
}

TEST_F(ServerTest, spreads_connections_over_its_threads) {
  router.get("/thread", [](Request&) {
    std::ostringstream id;
    id << std::this_thread::get_id();
    return Response::text(id.str());
  });
  start();
  std::map<std::string, int> seen;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<Client>(server->port()));
    clients.back()->get("/thread");
    const std::string answer = clients.back()->read_answer();
    ++seen[answer.substr(answer.find("\r\n\r\n"))];
  }
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen.begin()->second, 10);
}

TEST_F(ServerTest, turns_away_connections_over_the_limit) {
  start({.connections_max = 2});
  Client one{server->port()}, two{server->port()};
  one.get("/hello");
  EXPECT_THAT(one.read_answer(), EndsWith("hello"));
  two.get("/hello");
  EXPECT_THAT(two.read_answer(), EndsWith("hello"));
  Client three{server->port()};
  three.get("/hello");
  const std::string refusal = three.read_to_end();
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refusal, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(refusal, HasSubstr("Connection: close\r\n"));
  one.get("/hello");
  EXPECT_THAT(one.read_answer(), EndsWith("hello"));
}

TEST_F(ServerTest, turns_away_requests_over_the_limit) {
  start({.requests_in_flight_max = 1, .overload_status = 429, .retry_after = 7s});
  Client busy{server->port()}, client{server->port()};
  busy.get("/wait");
  await_waiting(1);
  client.get("/hello");
  const std::string refusal = client.read_answer();
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 429 Too Many Requests\r\n"));
  EXPECT_THAT(refusal, HasSubstr("Retry-After: 7\r\n"));
  release_waiting();
  EXPECT_THAT(busy.read_answer(), EndsWith("waited"));
  client.get("/hello");
  EXPECT_THAT(client.read_answer(), EndsWith("hello"));
}

TEST_F(ServerTest, waits_no_longer_for_a_slow_header_than_allowed) {
  Client client{start({.header_timeout = 50ms}).port()};
  client.send("GET /hello HTTP/1.1\r\nHost:");
  EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(ServerTest, waits_no_longer_for_a_slow_body_than_allowed) {
  Client client{start({.body_timeout = 50ms}).port()};
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(ServerTest, closes_idle_connections_without_a_word) {
  Client client{start({.idle_timeout = 50ms}).port()};
  client.get("/hello");
  EXPECT_THAT(client.read_answer(), EndsWith("hello"));
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(ServerTest, does_not_count_its_own_time_against_the_client) {
  Client client{start({.header_timeout = 20ms, .body_timeout = 20ms, .idle_timeout = 20ms}).port()};
  client.get("/wait");
  await_waiting(1);
  first.run("passes-the-time", [] { this_fiber::sleep_for(200ms); });
  release_waiting();
  EXPECT_THAT(client.read_answer(), EndsWith("waited"));
}

TEST_F(ServerTest, gives_up_on_a_client_that_takes_nothing) {
  Client client{start({.write_timeout = 50ms}).port(), 4096};
  client.get("/big");
  while (server->stats().connections == 0) std::this_thread::yield();
  while (server->stats().connections > 0) std::this_thread::yield();
  EXPECT_LT(client.read_to_end().size(), 8'000'000U);
}

TEST_F(ServerTest, counts_what_it_does) {
  start();
  {
    Client client{server->port()};
    router.get("/unused", [](Request&) { return Response{}; });
    client.get("/hello");
    client.read_answer();
    client.get("/missing");
    client.read_answer();
    client.send("NONSENSE\r\n\r\n");
    client.read_to_end();
  }
  while (server->stats().connections > 0) std::this_thread::yield();
  const std::string text = metrics.expose();
  EXPECT_THAT(text,
              HasSubstr(R"(tidemark_http_requests_total{method="GET",route="/hello",service="test",status="200"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(tidemark_http_requests_total{method="GET",route="",service="test",status="404"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(tidemark_http_refusals_total{service="test",status="400"} 1)"));
  EXPECT_THAT(
      text, HasSubstr(R"(tidemark_http_request_duration_seconds_count{method="GET",route="/hello",service="test"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(tidemark_http_connections{service="test"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(tidemark_http_requests_in_flight{service="test"} 0)"));
}

TEST_F(ServerTest, says_what_is_wrong_with_an_address) {
  start();
  const auto error_of = [&](ServerOptions options) -> std::string {
    try {
      Server{{&first}, std::move(options), router};
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_THAT(error_of({.port = server->port()}), HasSubstr("port " + std::to_string(server->port())));
  EXPECT_THAT(error_of({.port = server->port()}), HasSubstr("choose another port"));
  EXPECT_THAT(error_of({.address = "localhost"}), HasSubstr("'localhost' is no IP address"));
  EXPECT_THAT(error_of({.address = "203.0.113.1"}), HasSubstr("203.0.113.1"));
}

TEST_F(ServerTest, goes_on_when_descriptors_are_short) {
  start();
  std::atomic<bool> warned = false;
  log::set_sink([&](std::string_view line) {
    if (line.find("cannot accept connections") != std::string_view::npos) warned = true;
  });
  for (auto* thread : {&first, &second}) thread->run("opens-what-it-needs", [] {});
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const int lowest = ::dup(0);
  ::close(lowest);
  const rlimit tight{static_cast<rlim_t>(lowest) + 1, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &tight);
  Client client{server->port()};  // the kernel accepts it, the server has no descriptor left
  while (!warned) std::this_thread::yield();
  ::setrlimit(RLIMIT_NOFILE, &before);
  client.get("/hello");
  EXPECT_THAT(client.read_answer(), EndsWith("hello"));
  log::set_sink({});
}

// --- Event streams ---

TEST_F(ServerTest, streams_events_and_goes_on_with_the_connection) {
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

TEST_F(ServerTest, stops_a_stream_whose_client_has_gone) {
  std::promise<void> ended;
  router.get("/events", [&](Request&) {
    return Response::server_sent_events([&](EventWriter& events) {
      struct AtEnd {
        std::promise<void>& promise;
        ~AtEnd() { promise.set_value(); }
      } at_end{ended};
      events.send("", "", "hello");
      fiber::Completion<void>{}.wait();
    });
  });
  Client client{start().port()};
  client.get("/events");
  client.read_until("data: hello\n\n");
  client.close();
  ended.get_future().wait();
}

TEST_F(ServerTest, slows_a_stream_down_to_its_client) {
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

TEST_F(ServerTest, ends_a_stream_whose_client_takes_nothing) {
  std::promise<void> ended;
  router.get("/events", [&](Request&) {
    return Response::server_sent_events([&](EventWriter& events) {
      struct AtEnd {
        std::promise<void>& promise;
        ~AtEnd() { promise.set_value(); }
      } at_end{ended};
      const std::string data(10'000, 'd');
      for (;;) events.send("", "", data);
    });
  });
  Client client{start({.write_timeout = 50ms}).port(), 4096};
  client.get("/events");
  ended.get_future().wait();
}

TEST_F(ServerTest, breaks_a_stream_off_that_fails) {
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

TEST_F(ServerTest, answers_head_for_a_stream_without_running_it) {
  router.get("/events",
             [](Request&) { return Response::server_sent_events([](EventWriter&) { ADD_FAILURE() << "was run"; }); });
  Client client{start().port()};
  client.send("HEAD /events HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("text/event-stream"));
  client.get("/hello");
  EXPECT_THAT(client.read_answer(), EndsWith("hello"));
}

// --- The end ---

TEST_F(ServerTest, drains_by_finishing_what_runs) {
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

TEST_F(ServerTest, ends_streams_properly_when_it_drains) {
  router.get("/events", [](Request&) {
    return Response::server_sent_events([](EventWriter& events) {
      events.send("", "", "hello");
      fiber::Completion<void>{}.wait();
    });
  });
  start();
  Client client{server->port()};
  client.get("/events");
  client.read_until("data: hello\n\n");
  auto drained = std::async(std::launch::async, [&] { return server->drain(30s); });
  EXPECT_THAT(client.read_to_end(), EndsWith("0\r\n\r\n"));
  client.close();
  EXPECT_TRUE(drained.get());
}

TEST_F(ServerTest, cuts_off_what_does_not_end_in_time) {
  start();
  Client client{server->port()};
  client.get("/forever");
  await_waiting(1);
  EXPECT_FALSE(server->drain(50ms));
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server->stats().requests_in_flight, 0U);
}

TEST_F(ServerTest, can_be_destroyed_with_everything_under_way) {
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

}  // namespace
}  // namespace tidemark::http
