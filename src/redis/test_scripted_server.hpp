// ScriptedServer: a server on a loopback port that says what a test tells it to, when it tells it.
//
//   ScriptedServer server{[](ScriptedServer::Peer& peer) {
//     peer.expect_hello();
//     EXPECT_EQ(peer.request(), (Words{"GET", "key"}));
//     peer.say("$5\r\nvalue\r\n");
//   }};                        // at the end of the script the connection is closed
#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "redis/options.hpp"
#include "resp/request_reader.hpp"

namespace tidemark::redis {

using Words = std::vector<std::string>;

inline constexpr std::string_view HELLO_ANSWER =
    "%4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"
    "$4\r\nrole\r\n$6\r\nmaster\r\n";

class ScriptedServer {
 public:
  class Peer {
   public:
    explicit Peer(int socket) : socket_{socket} {}

    // The next request; none when the client has closed.
    Words request() {
      for (;;) {
        const auto request = reader_.next();
        if (!request) {
          ADD_FAILURE() << request.error().text();
          return {};
        }
        if (!request->empty()) return Words{request->begin(), request->end()};
        const auto room = reader_.prepare();
        const auto count = ::recv(socket_, room.data(), room.size(), 0);
        if (count <= 0) return {};
        reader_.received(static_cast<std::size_t>(count));
      }
    }
    void say(std::string_view bytes) {
      while (!bytes.empty()) {
        const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(count));
      }
    }
    // In segments of their own, as far as the kernel lets them be.
    void say_byte_by_byte(std::string_view bytes) {
      for (const char& byte : bytes) say({&byte, 1});
    }
    void expect_hello() {
      EXPECT_EQ(request(), (Words{"HELLO", "3", "SETNAME", "tidemark"}));
      say(HELLO_ANSWER);
    }
    // Until the client closes, whatever it says.
    void wait_for_end() {
      while (!request().empty()) {
      }
    }

   private:
    int socket_;
    resp::RequestReader reader_;
  };
  using Script = std::function<void(Peer& peer)>;

  // Each client in its turn gets the next script.
  template <class... Scripts>
  explicit ScriptedServer(Scripts... scripts) : scripts_{Script{std::move(scripts)}...} {
    acceptor_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(acceptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(acceptor_, 8), 0);
    socklen_t size = sizeof address;
    ::getsockname(acceptor_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { run(); }};
  }
  // Waits for the scripts that have begun; what they wait for from the client must have come, or the client be gone.
  ~ScriptedServer() {
    ::shutdown(acceptor_, SHUT_RDWR);
    thread_.join();
    ::close(acceptor_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  Endpoint endpoint() const { return {"127.0.0.1", port_}; }

 private:
  void run() {
    for (const Script& script : scripts_) {
      const int socket = ::accept(acceptor_, nullptr, nullptr);
      if (socket < 0) return;
      const timeval limit{60, 0};  // a client that never comes fails the test instead of hanging it
      ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      const int no_delay = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
      Peer peer{socket};
      script(peer);
      ::close(socket);
    }
  }

  const std::vector<Script> scripts_;
  int acceptor_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace tidemark::redis
