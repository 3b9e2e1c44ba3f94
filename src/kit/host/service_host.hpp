// ServiceHost: one service while it runs in a process that serves HTTP: with all its routes and its server.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "fiber/io_thread.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "kit/admin/context.hpp"
#include "kit/dispatch/hosted_service.hpp"
#include "kit/service/spec.hpp"
#include "kit/setup/settings.hpp"

namespace tidemark::kit {

// What all hosts of a process share.
struct HostContext {
  store::Store& store;
  Clock& clock;
  telemetry::Metrics& metrics;
  Turnstile& suspects;
  RunObserver* observer;
  telemetry::Sampler sampler;
  const Settings& settings;
  std::vector<fiber::IoThread*> threads;
  std::string consumer;
  std::function<void()> timer_set;
  const std::atomic<bool>& ready;  // whether the process serves: false while it starts and drains
  const http::Router& admin;       // the operator's endpoints, of all services of the process
  http::Handler console;           // the operator's page; none where nobody may use the endpoints
};

class ServiceHost {
 public:
  // Its handlers are spread over the threads, from `first_thread` on.
  ServiceHost(const HostContext& context, const detail::ServiceSpec& spec, std::size_t first_thread);
  ~ServiceHost();
  ServiceHost(const ServiceHost&) = delete;
  ServiceHost& operator=(const ServiceHost&) = delete;

  // What HostedService declares, in the same order: the groups of all hosts first. On a fiber.
  Result<void> declare_groups();
  Result<void> declare();
  // Makes the routes, with those of the hosts that are mounted, which have made theirs before. `invalid` for clashes.
  Result<void> make_routes(const std::vector<std::unique_ptr<ServiceHost>>& hosts);
  // Takes the process's share of the partitions and starts the handlers there. Not on a fiber.
  void start_handlers();
  // Binds and listens. Throws Error (`io`) where it can't.
  void listen();

  // In this order; none on a fiber. The first only tells the handlers, and returns at once.
  void begin_drain();
  bool stop_serving(Duration deadline);
  // False when a handler had to be told to stop.
  bool finish_drain(Duration deadline);

  const detail::ServiceSpec& spec() const { return spec_; }
  const http::Router& router() const { return router_; }
  AdminService admin_service();
  std::uint16_t port() const { return server_ ? server_->port() : 0; }

 private:
  void check_routes() const;
  void add_standard_routes();
  void add_files();
  Response answer(Request& request) const;
  Response live() const;
  Response readiness() const;

  const HostContext& context_;
  const detail::ServiceSpec& spec_;
  HostedService service_;
  http::Router router_;
  std::string openapi_;
  fiber::IoThread& keepers_thread_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace tidemark::kit
