#include "http/server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/assert.hpp"
#include "fiber/io_thread.hpp"
#include "http/connection.hpp"
#include "http/shard.hpp"
#include "telemetry/log.hpp"

namespace tidemark::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

constexpr Duration ACCEPT_PAUSE{100};
constexpr int BACKLOG = 4096;  // the kernel cuts it to net.core.somaxconn
// Descriptors that connections leave to the rest of the process, or half of all where there are fewer than twice as
// many: a store that gets none for its next file ends the process.
constexpr rlim_t DESCRIPTORS_KEPT = 1024;
// Fibers that were told to stop, and have not after this, are stuck where no cancellation reaches.
constexpr std::chrono::minutes STOP_LIMIT{1};

// What concerns one connection only: its client has gone before we took it. All else (no descriptors, no memory) would
// come again at once, and passes with time.
bool is_of_one_connection(const error_code& error) {
  return error == asio::error::connection_aborted || error == asio::error::connection_reset;
}

// The system gives out the lowest free number, so it tells how many are in use.
bool is_kept(int descriptor) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
  return static_cast<rlim_t>(descriptor) >= limit.rlim_cur - std::min(DESCRIPTORS_KEPT, limit.rlim_cur / 2);
}

[[noreturn]] void cannot_listen(const ServerOptions& options, const error_code& error) {
  std::string advice;
  if (error == asio::error::address_in_use) advice = "; stop what listens there, or choose another port";
  if (error == asio::error::access_denied) advice = "; ports below 1024 are for root, choose another";
  throw Error{ErrorCode::io, "cannot listen on " + options.address + " port " + std::to_string(options.port) + ": " +
                                 error.message() + advice};
}

asio::ip::tcp::endpoint endpoint_of(const ServerOptions& options) {
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) throw Invalid{"'" + options.address + "' is no IP address to listen on, as 127.0.0.1 or :: are"};
  return {address, options.port};
}

void listen(Acceptor& acceptor, const ServerOptions& options) {
  const auto endpoint = endpoint_of(options);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address{true}, error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(BACKLOG, error);
  if (error) cannot_listen(options, error);
}

}  // namespace

class Server::Impl : public std::enable_shared_from_this<Server::Impl> {
 public:
  Impl(std::vector<fiber::IoThread*> threads, ServerOptions options, Handler handler)
      : state_{std::make_shared<ServerState>()}, threads_{std::move(threads)}, acceptor_{threads_.at(0)->io()} {
    state_->options = std::move(options);
    state_->handler = std::move(handler);
    for (auto* thread : threads_) shards_.push_back(std::make_shared<Shard>(state_, *thread, threads_.size()));
    listen(acceptor_, state_->options);
    port_ = acceptor_.local_endpoint().port();
  }

  void start() {
    threads_[0]->loop().post([self = shared_from_this()] { self->accept(); });
  }

  std::uint16_t port() const noexcept { return port_; }
  Stats stats() const noexcept { return {state_->connections, state_->requests_in_flight}; }

  bool drain(Duration limit) {
    stop_accepting();
    on_each_shard([](Shard& shard) { shard.drain(); });
    const Instant deadline = Clock::system().instant() + limit;
    bool all_ended = true;
    on_each_shard([&](Shard& shard) {
      const auto left = std::max(deadline - Clock::system().instant(), Duration{0});
      if (!shard.wait_empty_until(shard.loop().now() + left)) all_ended = false;
    });
    if (!all_ended) cut();
    return all_ended;
  }

  void stop() {
    stop_accepting();
    cut();
    state_->handler = nullptr;
  }

 private:
  void accept() {
    if (stopping_ || !acceptor_.is_open()) return;
    Shard& shard = least_busy();
    acceptor_.async_accept(shard.thread().io(),
                           [self = shared_from_this(), &shard](const error_code& error, Connection::Socket socket) {
                             self->on_accept(error, shard, std::move(socket));
                           });
  }

  void on_accept(const error_code& error, Shard& shard, Connection::Socket socket) {
    if (stopping_ || error == asio::error::operation_aborted) return;
    if (error && !is_of_one_connection(error)) return pause(error.message());
    if (!error && is_kept(socket.native_handle())) return pause("the last descriptors are kept for files");
    if (!error) {
      shard.expect();
      shard.loop().post(
          [owner = shard.shared_from_this(), connection = std::make_unique<Connection::Socket>(std::move(socket))] {
            owner->adopt(std::make_shared<Connection>(*owner, std::move(*connection)));
          });
    }
    accept();
  }

  void pause(const std::string& why) {
    log::warn("cannot accept connections; trying again soon", {{"error", why}, {"port", port_}});
    pause_ = threads_[0]->loop().schedule(threads_[0]->loop().now() + ACCEPT_PAUSE, [this] { accept(); });
  }

  // Of equals the one whose turn it is, so that what opens at once is spread, too.
  Shard& least_busy() {
    std::size_t best = next_shard_++ % shards_.size();
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      if (shards_[i]->size() < shards_[best]->size()) best = i;
    }
    return *shards_[best];
  }

  void stop_accepting() {
    threads_[0]->run("http-stop-accepting", [this] {
      stopping_ = true;
      pause_.cancel();
      error_code ignored;
      acceptor_.close(ignored);
    });
  }

  void cut() {
    on_each_shard([](Shard& shard) { shard.cut(); });
    on_each_shard([](Shard& shard) {
      if (!shard.wait_empty_until(shard.loop().now() + STOP_LIMIT)) {
        fatal("http: a request was told to stop and still runs a minute later");
      }
      this_fiber::yield();  // what Asio has yet to say of the closed sockets
    });
  }

  void on_each_shard(const std::function<void(Shard&)>& work) {
    for (auto& shard : shards_) {
      shard->thread().run("http-shard", [&] { work(*shard); });
    }
  }

  const std::shared_ptr<ServerState> state_;
  const std::vector<fiber::IoThread*> threads_;
  std::vector<std::shared_ptr<Shard>> shards_;
  std::uint16_t port_ = 0;

  // Of the first thread.
  Acceptor acceptor_;
  fiber::TimerHandle pause_;
  bool stopping_ = false;
  std::size_t next_shard_ = 0;
};

Server::Server(std::vector<fiber::IoThread*> threads, ServerOptions options, Handler handler)
    : impl_{std::make_shared<Impl>(std::move(threads), std::move(options), std::move(handler))} {}

Server::~Server() { impl_->stop(); }

void Server::start() { impl_->start(); }
std::uint16_t Server::port() const noexcept { return impl_->port(); }
bool Server::drain(Duration deadline) { return impl_->drain(deadline); }
Server::Stats Server::stats() const noexcept { return impl_->stats(); }

}  // namespace tidemark::http
