// Application: the services of one process, on one store, from start to drain.
//
//   Application application{std::move(store), settings, {&inventory.spec(), &payments.spec()}};
//   application.start().or_raise();   // everything serves
//   application.stop();               // everything is committed and closed
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fiber/io_thread.hpp"
#include "http/router.hpp"
#include "kit/admin/admin.hpp"
#include "kit/host/declarations.hpp"
#include "kit/host/maintenance.hpp"
#include "kit/host/service_host.hpp"
#include "kit/monitor/activity.hpp"
#include "kit/monitor/activity_sampler.hpp"
#include "kit/monitor/measure_history.hpp"
#include "kit/monitor/recorder.hpp"
#include "kit/monitor/trace_export.hpp"
#include "kit/setup/settings.hpp"
#include "store/store.hpp"
#include "telemetry/metrics.hpp"

namespace tidemark::kit {

// All calls on one thread, which is no I/O thread.
class Application {
 public:
  Application(std::unique_ptr<store::Store> store, Settings settings, std::vector<const detail::ServiceSpec*> services,
              Clock& clock = Clock::system());
  // stop(), if that was not called.
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  // Declares everything, then handles, then listens. `invalid` for declarations that clash; whatever the store or the
  // network refuses.
  Result<void> start();
  // Stops accepting, finishes what runs, commits. False when something had to be told to stop because the settings'
  // drain time was over.
  bool stop();

  // Where a service listens; 0 before it does.
  std::uint16_t port(std::string_view service) const;

 private:
  Result<void> try_start();
  Result<void> check_groups() const;
  void add_admin();

  Settings settings_;
  Clock& clock_;
  std::unique_ptr<store::Store> store_;
  telemetry::Metrics metrics_;
  Recorder recorder_;
  Activity activity_;
  MeasureHistory history_;
  std::unique_ptr<TraceExport> trace_export_;  // none where traces are not exported
  TwoObservers observers_;
  std::atomic<bool> ready_{false};
  std::vector<std::unique_ptr<fiber::IoThread>> threads_;
  Turnstile suspects_;
  std::unique_ptr<Maintenance> maintenance_;
  std::unique_ptr<ActivitySampler> sampler_;
  std::unique_ptr<HostContext> context_;
  std::vector<const detail::ServiceSpec*> services_;
  std::vector<std::unique_ptr<ServiceHost>> hosts_;
  std::unique_ptr<Admin> admin_;
  http::Router admin_router_;
  std::unique_ptr<Declarations> declarations_;
  bool stopped_ = false;
};

}  // namespace tidemark::kit
