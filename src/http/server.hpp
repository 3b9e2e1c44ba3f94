// Server: HTTP/1.1 on one port, spread over I/O threads; each request runs the handler on a fiber of its own.
//
//   Router router;
//   router.get("/products/{id}", read_product);
//   Server server{threads, {.port = 8000, .name = "inventory", .metrics = &metrics}, router};
//   server.start();
//   …
//   server.drain(10s);
//
// A connection stays on the I/O thread that it was given to, so handlers of one connection never run in parallel.
// Pipelined requests run concurrently, and are answered in their order. Answers that are ready at one wake-up of the
// thread go out in one write for each connection.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "http/compression.hpp"
#include "http/cors.hpp"
#include "http/handler.hpp"
#include "http/session_limits.hpp"
#include "telemetry/metrics.hpp"
#include "tidemark/time.hpp"

namespace tidemark::fiber {
class IoThread;
}

namespace tidemark::http {

struct ServerOptions {
  std::string address = "127.0.0.1";  // an IP address; "0.0.0.0" or "::" for all interfaces
  std::uint16_t port = 0;             // 0: any free one, see Server::port()
  std::string name = {};              // the label "service" of the metrics

  SessionLimits limits = {};
  std::size_t connections_max = 10'000;        // past it a connection gets 503 and is closed
  std::size_t requests_in_flight_max = 4'096;  // past it a request gets `overload_status`
  int overload_status = 503;                   // or 429
  // What all connections together may hold: bodies that came, and answers that their clients have not taken. Past it
  // new requests get `overload_status`, event streams wait for their own client, and connections whose client has kept
  // theirs for a second are closed, those that hold most first. Each I/O thread has its share of it, and at least room
  // for two bodies. Requests below /health/ are always answered.
  std::size_t held_bytes_max = 64 * 1024 * 1024;
  std::chrono::seconds retry_after{1};  // what such answers advise

  Duration header_timeout = std::chrono::seconds{10};  // from a request's first byte to the end of its header
  Duration body_timeout = std::chrono::seconds{20};    // for the first bytes of a body, and then for each
  std::size_t body_rate_min = 4 * 1024;                // 4 KiB/s: a body may take body_timeout plus size / rate
  Duration idle_timeout = std::chrono::seconds{75};    // between requests of a connection
  Duration write_timeout = std::chrono::seconds{30};   // for a client to take anything of what we write

  CompressionOptions compression = {};
  CorsOptions cors = {};
  telemetry::Metrics* metrics = nullptr;  // outlives the server; null for none
};

class Server {
 public:
  // Binds and listens; connections wait in the kernel until start(). Throws Error (`io`) that names the address when
  // that fails: a port in use, an address that is not ours. The threads outlive the server and keep running until it is
  // destroyed.
  Server(std::vector<fiber::IoThread*> threads, ServerOptions options, Handler handler);
  // Closes every connection, and waits until the handlers that still run, told to stop, have ended. Not on an I/O
  // thread.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Begins to accept. Any thread, once.
  void start();

  std::uint16_t port() const noexcept;

  // Stops listening, lets the requests that came finish, with "Connection: close", ends event streams, closes. What has
  // not ended after `deadline` is told to stop and closed. Returns when no connection is left: true when all ended by
  // themselves. Blocks: not on an I/O thread.
  bool drain(Duration deadline);

  struct Stats {
    std::size_t connections = 0;
    std::size_t requests_in_flight = 0;
  };
  Stats stats() const noexcept;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace tidemark::http
