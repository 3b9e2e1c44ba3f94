// Process: one process of a simulated world: all the services, on one loop that is driven by hand, without sockets.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "fiber/loop.hpp"
#include "http/router.hpp"
#include "kit/admin/admin.hpp"
#include "kit/dispatch/hosted_service.hpp"
#include "kit/host/maintenance.hpp"
#include "simulation/observed_store.hpp"
#include "telemetry/metrics.hpp"
#include "tidemark/testing.hpp"

namespace tidemark::simulation {

// A request on its way. Whoever sent it looks at it between two steps.
struct Exchange {
  std::optional<testing::Reply> reply;
};

struct ProcessOptions {
  std::size_t number = 0;
  std::string name;  // as consumer groups and other processes know it
  std::vector<const Service*> services;
  std::uint16_t partitions = 1;
  // Puts something between the process and its store: for tests of the simulation itself.
  std::function<std::shared_ptr<store::Store>(std::shared_ptr<store::Store>)> wrap;
};

class Process {
 public:
  // Begins to start the services.
  Process(ProcessOptions options, std::shared_ptr<store::Store> store, Witness& witness, VirtualClock& clock);
  // As kill -9 does it: nothing is finished, nothing is given back. The witness lets no call through any more.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Whether everything has started.
  bool serves() const { return serves_; }
  // Why it could not.
  const std::string& failure() const { return failure_; }

  bool has_work() const;
  void turn();
  std::optional<Instant> next_deadline() const { return loop_.next_deadline(); }
  void tidemark_moved() { observed_->wake_waiters(); }
  // What has not ended, for the message when it should have.
  std::string fibers() const { return loop_.fiber_names(); }
  // Whether this thread runs one of its fibers.
  bool runs_now() const { return fiber::Loop::current() == &loop_; }

  // Throws NotFound when there is no such service.
  std::shared_ptr<Exchange> send(std::string_view service, Request request);

 private:
  void start();
  void end();
  void run_to_its_end(std::string_view name, fiber::Task body);
  void run_until(const std::function<bool()>& done);

  const ProcessOptions options_;
  VirtualClock& clock_;
  std::shared_ptr<ObservedStore> observed_;
  std::shared_ptr<store::Store> store_;
  telemetry::Metrics metrics_;
  kit::Turnstile suspects_;
  mutable fiber::Loop loop_;
  kit::Maintenance maintenance_;
  std::vector<std::unique_ptr<kit::HostedService>> services_;
  kit::Settings settings_;
  std::unique_ptr<kit::Admin> admin_;
  std::map<std::string, http::Router, std::less<>> routers_;
  bool serves_ = false;
  std::string failure_;
};

}  // namespace tidemark::simulation
