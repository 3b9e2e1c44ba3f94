// What the session's tests can't see of answering requests, because it takes a loop, fibers and a kernel.
#include "http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <map>
#include <memory>
#include <sstream>
#include <thread>

#include "http/server_fixture.hpp"
#include "telemetry/log.hpp"

namespace tidemark::http {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

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
  const std::string preflight = client.read_answer();
  const std::string origin = "Access-Control-Allow-Origin: https://shop.example\r\n";
  EXPECT_THAT(preflight, HasSubstr(origin));
  EXPECT_EQ(preflight.find(origin), preflight.rfind(origin)) << "a browser refuses two of them";
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

// Idle connections took every descriptor, and the store, which got none for its next file, ended the process.
TEST_F(ServerTest, leaves_descriptors_to_others) {
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
  const rlimit tight{2 * (static_cast<rlim_t>(lowest) + 1), before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &tight);
  Client refused{server->port()};  // it has the last descriptor of the lower half
  EXPECT_EQ(refused.read_to_end(), "");
  EXPECT_TRUE(warned);
  ::setrlimit(RLIMIT_NOFILE, &before);
  Client client{server->port()};
  client.get("/hello");
  EXPECT_THAT(client.read_answer(), EndsWith("hello"));
  log::set_sink({});
}

}  // namespace
}  // namespace tidemark::http
