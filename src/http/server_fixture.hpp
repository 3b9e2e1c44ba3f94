// A server on real sockets, with a blocking client, for the tests that need a kernel.
#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fiber/completion.hpp"
#include "fiber/io_thread.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "tidemark/error.hpp"

namespace tidemark::http {
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

}  // namespace tidemark::http
