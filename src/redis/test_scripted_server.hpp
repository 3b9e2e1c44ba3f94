// ScriptedServer: a server on a loopback port that says what a test tells it to, when it tells it.
//
//   ScriptedServer server{[](ScriptedServer::Peer& peer) {
//     peer.expect_hello();
//     EXPECT_EQ(peer.request(), (Words{"GET", "key"}));
//     peer.say("$5\r\nvalue\r\n");
//   }};                        // at the end of the script the connection is closed
#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
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
  using Tcp = boost::asio::ip::tcp;

 public:
  class Peer {
   public:
    explicit Peer(Tcp::socket socket) : socket_{std::move(socket)} { socket_.set_option(Tcp::no_delay{true}); }

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
        boost::system::error_code error;
        const std::size_t count = socket_.read_some(boost::asio::buffer(room.data(), room.size()), error);
        if (error) return {};
        reader_.received(count);
      }
    }
    void say(std::string_view bytes) {
      boost::system::error_code ignored;  // the client may have had enough
      boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), ignored);
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
    Tcp::socket socket_;
    resp::RequestReader reader_;
  };
  using Script = std::function<void(Peer& peer)>;

  // Each client in its turn gets the next script.
  template <class... Scripts>
  explicit ScriptedServer(Scripts... scripts)
      : scripts_{Script{std::move(scripts)}...},
        acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}},
        address_{acceptor_.local_endpoint()},
        thread_{[this] { run(); }} {}
  // Waits for the scripts that have begun: what they wait for from the client must have come, or the client be gone.
  ~ScriptedServer() {
    stopping_ = true;
    boost::system::error_code ignored;
    Tcp::socket{io_}.connect(address_, ignored);  // ends a wait for the next client
    thread_.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  Endpoint endpoint() const { return {"127.0.0.1", address_.port()}; }

 private:
  void run() {
    for (const Script& script : scripts_) {
      Tcp::socket socket{io_};
      acceptor_.accept(socket);
      if (stopping_) return;
      Peer peer{std::move(socket)};
      script(peer);
    }
  }

  const std::vector<Script> scripts_;
  boost::asio::io_context io_;
  Tcp::acceptor acceptor_;
  const Tcp::endpoint address_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace tidemark::redis
