// TestCollector: takes OTLP requests on a port of its own, and answers them as a test says.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "telemetry/otlp/collector.hpp"

namespace tidemark::otlp {

class TestCollector {
 public:
  // Answers in this order, and then with 200. An empty one stays silent until the collector ends.
  explicit TestCollector(std::deque<std::string> answers = {})
      : answers_{std::move(answers)}, thread_{[this] { serve(); }} {}
  ~TestCollector() {
    ended_ = true;
    boost::system::error_code ignored;
    boost::asio::io_context io;
    Tcp::socket knock{io};
    knock.connect(acceptor_.local_endpoint(), ignored);  // wakes it up
    thread_.join();
  }
  TestCollector(const TestCollector&) = delete;
  TestCollector& operator=(const TestCollector&) = delete;

  Collector address() const {
    return {.host = "127.0.0.1", .port = acceptor_.local_endpoint().port(), .path = "/v1/traces"};
  }
  std::vector<std::string> requests() const {
    const std::scoped_lock lock{mutex_};
    return requests_;
  }

  static std::string answer(std::string_view status, std::string_view headers = {}, std::string_view body = "{}") {
    return "HTTP/1.1 " + std::string{status} + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string{headers} + "\r\n" + std::string{body};
  }

 private:
  using Tcp = boost::asio::ip::tcp;

  void serve() {
    while (!ended_) {
      auto& socket = sockets_.emplace_back(io_);
      boost::system::error_code error;
      acceptor_.accept(socket, error);
      if (error || ended_) return;
      take(socket);
    }
  }
  void take(Tcp::socket& socket) {
    boost::system::error_code error;
    std::string text;
    const auto head = boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n", error);
    if (error) return;
    const auto length = std::stoul(text.substr(text.find("Content-Length: ") + 16));
    if (text.size() < head + length)
      boost::asio::read(socket, boost::asio::dynamic_buffer(text),
                        boost::asio::transfer_exactly(head + length - text.size()), error);
    std::string next = answer("200 OK");
    if (!answers_.empty()) {
      next = answers_.front();
      answers_.pop_front();
    }
    {
      const std::scoped_lock lock{mutex_};
      requests_.push_back(std::move(text));
    }
    if (next.empty()) return;  // the socket stays open
    boost::asio::write(socket, boost::asio::buffer(next), error);
    socket.close(error);
  }

  boost::asio::io_context io_;
  Tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::deque<Tcp::socket> sockets_;
  std::deque<std::string> answers_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace tidemark::otlp
