#include "kit/host/application.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <future>
#include <thread>

#include "base/random.hpp"
#include "kit/admin/access.hpp"
#include "kit/host/console.hpp"
#include "kit/run/run_watch.hpp"
#include "telemetry/log.hpp"
#include "telemetry/process_metrics.hpp"

namespace tidemark::kit {
namespace {

std::size_t thread_count(const Settings& settings) {
  if (settings.threads > 0) return settings.threads;
  return std::max(1u, std::thread::hardware_concurrency());
}

http::Handler console_of(const Settings& settings) {
  return AdminAccess{settings}.is_possible() ? load_console("console") : http::Handler{};
}

// Names this process among the others of its services. Never met again: what a process of the same host had in hand
// before is found by its partition, not by its name.
std::string member_name() {
  char host[256] = "localhost";
  ::gethostname(host, sizeof host - 1);
  char random[8 + 1];  // 32 bits in hexadecimal, the end
  std::snprintf(random, sizeof random, "%08x", static_cast<unsigned>(thread_random().next()));
  return std::string{host} + "-" + std::to_string(::getpid()) + "-" + random;
}

std::unique_ptr<TraceExport> export_traces(const Settings& settings, telemetry::Metrics& metrics) {
  if (settings.otlp_endpoint.empty()) return nullptr;
  otlp::ExporterOptions options;
  options.collector = otlp::Collector::parse(settings.otlp_endpoint).or_raise();
  options.instance = member_name();
  log::info("exports traces", {{"collector", settings.otlp_endpoint}, {"sample", settings.trace_sample}});
  return std::make_unique<TraceExport>(std::move(options), metrics);
}

// Where nobody exports, nobody downstream is asked to.
telemetry::Sampler sampler_of(const Settings& settings) {
  return telemetry::Sampler{settings.otlp_endpoint.empty() ? 0 : settings.trace_sample};
}

std::vector<telemetry::Sample> samples_of(const store::Store& store) {
  std::vector<telemetry::Sample> samples;
  for (auto& metric : store.metrics())
    samples.push_back({.name = std::move(metric.name),
                       .help = std::move(metric.help),
                       .counter = metric.counter,
                       .value = metric.value,
                       .distribution = std::move(metric.distribution)});
  return samples;
}

}  // namespace

Application::Application(std::unique_ptr<store::Store> store, Settings settings,
                         std::vector<const detail::ServiceSpec*> services, Clock& clock)
    : settings_{std::move(settings)},
      clock_{clock},
      store_{std::move(store)},
      recorder_{settings_.recorder_bytes, clock_},
      activity_{metrics_, clock_},
      trace_export_{export_traces(settings_, metrics_)},
      observers_{recorder_, trace_export_.get()},
      services_{std::move(services)} {
  log::set_trace_source(current_trace);
  for (std::size_t i = 0; i < thread_count(settings_); ++i)
    threads_.push_back(std::make_unique<fiber::IoThread>("io-" + std::to_string(i), clock_));
  maintenance_ = std::make_unique<Maintenance>(threads_.front()->loop(), *store_, clock_);
  sampler_ = std::make_unique<ActivitySampler>(threads_.front()->loop(), *store_, clock_, activity_, history_);
  metrics_.collect([this] { return samples_of(*store_); });
  metrics_.collect(telemetry::process_samples);

  std::vector<fiber::IoThread*> threads;
  for (const auto& thread : threads_) threads.push_back(thread.get());
  context_ = std::make_unique<HostContext>(HostContext{.store = *store_,
                                                       .clock = clock_,
                                                       .metrics = metrics_,
                                                       .suspects = suspects_,
                                                       .observer = &observers_,
                                                       .sampler = sampler_of(settings_),
                                                       .settings = settings_,
                                                       .threads = std::move(threads),
                                                       .consumer = member_name(),
                                                       .timer_set = [this] { maintenance_->timer_set(); },
                                                       .ready = ready_,
                                                       .admin = admin_router_,
                                                       .console = console_of(settings_)});
  std::size_t thread = 0;
  for (const auto* spec : services_) {
    hosts_.push_back(std::make_unique<ServiceHost>(*context_, *spec, thread));
    thread += spec->handlers.size();
  }
  add_admin();
  declarations_ = std::make_unique<Declarations>(threads_.front()->loop(), *store_, clock_, hosts_);
}

void Application::add_admin() {
  AdminContext context{.store = *store_, .clock = clock_, .metrics = metrics_, .settings = settings_};
  context.started = clock_.now();
  context.recorder = &recorder_;
  context.activity = &activity_;
  context.history = &history_;
  for (const auto& host : hosts_) context.services.push_back(host->admin_service());
  admin_ = std::make_unique<Admin>(std::move(context));
  admin_->add_routes(admin_router_);
}

Application::~Application() {
  if (!stopped_) stop();
}

Result<void> Application::start() {
  try {
    return try_start();
  } catch (const Error& error) {
    return fail(error.code(), error.what());
  }
}

Result<void> Application::try_start() {
  TIDEMARK_TRY(check_groups());
  auto& first = *threads_.front();
  first.run("declare", [&] { declarations_->declare().or_raise(); });

  // Those that mount others come after them, whatever the order of their declaration.
  std::vector<ServiceHost*> order;
  for (const auto& host : hosts_) order.push_back(host.get());
  std::ranges::stable_sort(order, {}, [](const ServiceHost* host) { return !host->spec().mounts.empty(); });
  for (auto* host : order) TIDEMARK_TRY(host->make_routes(hosts_));

  for (const auto& host : hosts_) host->start_handlers();
  first.run("start maintenance", [&] {
    maintenance_->start();
    sampler_->start();
    declarations_->start();
  });
  for (const auto& host : hosts_) host->listen();
  ready_ = true;
  return {};
}

// Two handlers of one group would take each other's events.
Result<void> Application::check_groups() const {
  std::map<std::pair<std::string_view, std::string_view>, std::string_view> readers;
  for (const auto* service : services_)
    for (const auto& handler : service->handlers) {
      const auto [other, is_new] = readers.try_emplace({handler.topic, handler.group}, service->name);
      if (!is_new)
        return fail(ErrorCode::invalid,
                    "a handler reads the topic '" + handler.topic + "' as the group '" + handler.group +
                        "', and so does one of '" + std::string{other->second} +
                        "'; give one of them another .group(…)",
                    service->name);
    }
  return {};
}

bool Application::stop() {
  stopped_ = true;
  ready_ = false;
  const auto until = clock_.instant() + settings_.drain;
  const auto left = [&] {
    return std::max(Duration{0}, std::chrono::duration_cast<Duration>(until - clock_.instant()));
  };
  bool in_time = true;
  for (const auto& host : hosts_) host->begin_drain();
  // All at once: none goes on accepting while another one waits for its last answer.
  std::vector<std::future<bool>> served;
  for (const auto& host : hosts_)
    served.push_back(
        std::async(std::launch::async, [&host, deadline = left()] { return host->stop_serving(deadline); }));
  for (auto& ended : served) in_time = ended.get() && in_time;
  for (const auto& host : hosts_) in_time = host->finish_drain(left()) && in_time;
  threads_.front()->run("stop maintenance", [&] {
    declarations_->stop();
    sampler_->stop();
    maintenance_->stop();
  });
  hosts_.clear();
  for (const auto& thread : threads_) thread->stop();
  for (const auto& thread : threads_) thread->join();
  store_.reset();
  // Last: a collector that is away holds up nobody who waits for the store.
  if (trace_export_) trace_export_->finish(left());
  return in_time;
}

std::uint16_t Application::port(std::string_view service) const {
  const auto host =
      std::ranges::find(hosts_, service, [](const auto& other) { return std::string_view{other->spec().name}; });
  return host == hosts_.end() ? 0 : (*host)->port();
}

}  // namespace tidemark::kit
