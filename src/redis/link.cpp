#include "redis/link.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>

#include "redis/tls.hpp"

namespace tidemark::redis {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Link::Link(asio::io_context& io, Endpoint endpoint, std::optional<Tls> tls)
    : endpoint_{std::move(endpoint)}, tls_{std::move(tls)}, resolver_{io}, socket_{io} {}

// What is under way keeps on_connected_, and with it whoever owns this, until it is called or dropped.

void Link::connect(OnConnected on_connected) {
  on_connected_ = std::move(on_connected);
  if (tls_) {
    auto context = make_tls_context(*tls_);
    if (!context) {
      asio::post(socket_.get_executor(), [this, keep = on_connected_, failure = context.error()] { finish(failure); });
      return;
    }
    tls_context_ = *std::move(context);
  }
  error_code no_address;
  const auto address = asio::ip::make_address(endpoint_.host, no_address);
  if (!no_address) {
    const Tcp::endpoint target{address, endpoint_.port};
    return try_addresses(Resolver::results_type::create(target, endpoint_.host, std::to_string(endpoint_.port)));
  }
  doing_ = "looking the name up";
  resolver_.async_resolve(
      endpoint_.host, std::to_string(endpoint_.port), asio::ip::resolver_base::numeric_service,
      [this, keep = on_connected_](const error_code& error, const Resolver::results_type& addresses) {
        if (closed_) return;
        if (error)
          return finish(
              fail(ErrorCode::unavailable, "the name '" + endpoint_.host + "' can't be looked up: " + error.message()));
        try_addresses(addresses);
      });
}

void Link::try_addresses(const Resolver::results_type& addresses) {
  doing_ = "connecting";
  asio::async_connect(socket_, addresses, [this, keep = on_connected_](const error_code& error, const Tcp::endpoint&) {
    if (!closed_) connected(error);
  });
}

void Link::connected(const error_code& error) {
  if (error) {
    const bool is_refused = error == asio::error::connection_refused;
    return finish(fail(ErrorCode::unavailable,
                       "can't connect: " + error.message() + (is_refused ? "; is the server running?" : "")));
  }
  error_code ignored;
  socket_.set_option(Tcp::no_delay{true}, ignored);
  socket_.set_option(asio::socket_base::keep_alive{true}, ignored);
  if (!tls_) return finish({});
  negotiate();
}

void Link::negotiate() {
  doing_ = "negotiating TLS (does the server speak it on this port?)";
  tls_stream_ = std::make_unique<ssl::stream<Socket&>>(socket_, *tls_context_);
  if (auto expected = expect_server(tls_stream_->native_handle(), server_name()); !expected)
    return finish(expected.error());
  tls_stream_->async_handshake(ssl::stream_base::client, [this, keep = on_connected_](const error_code& error) {
    if (closed_) return;
    if (error) return finish(explain_tls_failure(error, tls_stream_->native_handle(), *tls_, server_name()));
    finish({});
  });
}

void Link::finish(Result<void> result) {
  if (closed_) return;
  doing_ = "saying hello";
  std::exchange(on_connected_, nullptr)(std::move(result));
}

const std::string& Link::server_name() const { return tls_->server_name.empty() ? endpoint_.host : tls_->server_name; }

Failure Link::explain(const error_code& error) {
  if (error == asio::error::eof || error == ssl::error::stream_truncated)
    return fail(ErrorCode::unavailable, "the server closed the connection");
  if (tls_stream_ && error.category() == asio::error::get_ssl_category())
    return explain_tls_failure(error, tls_stream_->native_handle(), *tls_, server_name());
  return fail(ErrorCode::unavailable, error.message());
}

void Link::close() {
  closed_ = true;
  on_connected_ = nullptr;
  resolver_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace tidemark::redis
