// Link: the bytes to and from one node, over TCP alone or with TLS, for Connection. All on the thread of the
// io_context.
#pragma once
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "redis/options.hpp"

namespace tidemark::redis {

// The owner must outlive what is under way: whatever it passes holds it.
class Link {
 public:
  using OnConnected = std::function<void(Result<void>)>;

  Link(boost::asio::io_context& io, Endpoint endpoint, std::optional<Tls> tls);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Looks the name up, connects to the first address that answers, negotiates TLS. Calls back once, never within the
  // call; not at all when close() comes before.
  void connect(OnConnected on_connected);
  // What it is doing, for a message: "connecting".
  std::string_view doing() const noexcept { return doing_; }
  bool is_tls() const noexcept { return tls_.has_value(); }

  // Completion handlers of Asio: (error, bytes). One of each at a time.
  template <class Handler>
  void read_some(std::span<char> room, Handler handler) {
    const auto buffer = boost::asio::buffer(room.data(), room.size());
    if (tls_stream_) {
      tls_stream_->async_read_some(buffer, std::move(handler));
    } else {
      socket_.async_read_some(buffer, std::move(handler));
    }
  }
  // All of the bytes, which must stay.
  template <class Handler>
  void write(std::string_view bytes, Handler handler) {
    const auto buffer = boost::asio::buffer(bytes.data(), bytes.size());
    if (tls_stream_) {
      boost::asio::async_write(*tls_stream_, buffer, std::move(handler));
    } else {
      boost::asio::async_write(socket_, buffer, std::move(handler));
    }
  }

  // An error of reading or writing, in words.
  Failure explain(const boost::system::error_code& error);

  // At once, without a word to the other side. Handlers that are under way are called with an error.
  void close();

 private:
  using Executor = boost::asio::io_context::executor_type;
  using Tcp = boost::asio::ip::tcp;
  using Socket = boost::asio::basic_stream_socket<Tcp, Executor>;
  using Resolver = boost::asio::ip::basic_resolver<Tcp, Executor>;

  void try_addresses(const Resolver::results_type& addresses);
  void connected(const boost::system::error_code& error);
  void negotiate();
  void finish(Result<void> result);
  const std::string& server_name() const;

  const Endpoint endpoint_;
  const std::optional<Tls> tls_;
  Resolver resolver_;
  Socket socket_;
  std::unique_ptr<boost::asio::ssl::context> tls_context_;
  std::unique_ptr<boost::asio::ssl::stream<Socket&>> tls_stream_;
  OnConnected on_connected_;
  std::string_view doing_ = "connecting";
  bool closed_ = false;
};

}  // namespace tidemark::redis
