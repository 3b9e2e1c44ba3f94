// An HTTP server with nothing behind it, to measure what a request costs by itself:
//
//   build/release/bin/bench_http_server 8080 1 &        # port, I/O threads
//   wrk -t1 -c50 -d10s http://127.0.0.1:8080/hello      # or /item/42, /yield
//
// Ends when its standard input does.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "fiber/fiber.hpp"
#include "fiber/io_thread.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

int main(int argc, char** argv) {
  using namespace tidemark;
  const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8080);
  const int thread_count = argc > 2 ? std::atoi(argv[2]) : 1;

  std::vector<std::unique_ptr<fiber::IoThread>> owned;
  std::vector<fiber::IoThread*> threads;
  for (int i = 0; i < thread_count; ++i) {
    owned.push_back(std::make_unique<fiber::IoThread>("io-" + std::to_string(i)));
    threads.push_back(owned.back().get());
  }

  http::Router router;
  router.get("/hello", [](Request&) { return Response::text("hello"); });
  router.get("/item/{id}", [](Request& request) {
    return Response::json("{\"id\":\"" + request.path_parameter("id") + "\",\"name\":\"Chair\",\"price\":12.5}")
        .with("ETag", "\"1\"");
  });
  router.get("/yield", [](Request&) {
    this_fiber::yield();
    return Response::text("hello");
  });

  telemetry::Metrics metrics;
  http::Server server{threads, {.port = port, .name = "bench", .metrics = &metrics}, router};
  server.start();
  std::printf("listening on 127.0.0.1:%d\n", server.port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return server.drain(std::chrono::seconds{5}) ? 0 : 1;
}
