#include "kit/host/service_host.hpp"

#include <algorithm>

#include "http/docs_page.hpp"
#include "http/problem.hpp"
#include "http/static_files.hpp"
#include "json/writer.hpp"
#include "kit/admin/routes.hpp"
#include "kit/host/console.hpp"
#include "kit/service/description.hpp"
#include "kit/setup/share.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

// An I/O thread that has not come round for so long has something blocking on it.
constexpr auto STUCK_AFTER = std::chrono::seconds{10};

bool is_below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

std::vector<fiber::Loop*> loops_from(const std::vector<fiber::IoThread*>& threads, std::size_t first) {
  std::vector<fiber::Loop*> loops;
  for (std::size_t i = 0; i < threads.size(); ++i) loops.push_back(&threads[(first + i) % threads.size()]->loop());
  return loops;
}

Response not_built(const std::string& folder) {
  auto page =
      Response::text("<!doctype html><title>Tidemark</title><p>The web page is not built: there is no folder <code>" +
                         folder + "</code>. <code>make web</code> builds it.",
                     "text/html; charset=utf-8");
  page.status = 503;
  return page;
}

// The files that a service brings; none where it names no folder.
http::Handler files_of(const detail::ServiceSpec& spec) {
  if (spec.files_folder.empty()) return {};
  const auto folder = shared_folder(spec.files_folder);
  auto loaded = http::StaticFiles::load({.root = folder});
  if (loaded) return [files = *loaded](Request& request) { return files(request); };
  log::warn("a folder of files can't be served", {{"service", spec.name}, {"error", loaded.error().text()}});
  return [folder = folder.string()](Request&) { return not_built(folder); };
}

}  // namespace

ServiceHost::ServiceHost(const HostContext& context, const detail::ServiceSpec& spec, std::size_t first_thread)
    : context_{context},
      spec_{spec},
      service_{{.store = context.store,
                .clock = context.clock,
                .metrics = context.metrics,
                .suspects = context.suspects,
                .consumer = context.consumer,
                .partitions = context.settings.partitions,
                .timer_set = context.timer_set,
                .observer = context.observer,
                .sampler = context.sampler},
               spec,
               loops_from(context.threads, first_thread)},
      keepers_thread_{*context.threads[first_thread % context.threads.size()]} {}

ServiceHost::~ServiceHost() = default;

Result<void> ServiceHost::declare_groups() { return service_.declare_groups(); }

Result<void> ServiceHost::declare() { return service_.declare(); }

Result<void> ServiceHost::make_routes(const std::vector<std::unique_ptr<ServiceHost>>& hosts) {
  try {
    service_.add_routes(router_);
    check_routes();
    for (const auto& mount : spec_.mounts) {
      const auto host = std::ranges::find(hosts, mount.service, [](const auto& other) { return &other->spec_; });
      if (host == hosts.end())
        return fail(ErrorCode::invalid, "mounts '" + mount.service->name + "', which this process does not run",
                    spec_.name);
      router_.mount(mount.prefix, (*host)->router());
    }
    add_standard_routes();
    add_files();
  } catch (const Error& error) {
    return fail(error.code(), error.what(), spec_.name);
  }
  return {};
}

// What is below /admin/v1 is answered by another router.
void ServiceHost::check_routes() const {
  for (const auto& route : router_.routes())
    if (is_below(route.path, AdminRoutes::PREFIX))
      throw Invalid{"the endpoint " + route.path + ": what is below " + std::string{AdminRoutes::PREFIX} +
                    " is Tidemark's own; give the endpoint another path"};
}

void ServiceHost::add_standard_routes() {
  openapi_ = describe(spec_);
  router_.get("/openapi.json", [this](Request&) { return Response::json(openapi_); });
  router_.get("/asyncapi.json", [this](Request& request) {
    return Response::json(
        describe_events(spec_, context_.settings.store, request.header("Host").value_or("localhost")));
  });
  http::add_docs(router_, {.title = spec_.name, .assets = shared_folder("docs")});
  router_.get("/health/live", [this](Request&) { return live(); });
  router_.get("/health/ready", [this](Request&) { return readiness(); });
  router_.get("/metrics", [this](Request&) {
    return Response::text(context_.metrics.expose(), "text/plain; version=0.0.4; charset=utf-8");
  });
}

void ServiceHost::add_files() {
  auto files = files_of(spec_);
  if (context_.console) files = with_console(context_.console, std::move(files));
  if (files) router_.fallback(std::move(files));
}

Response ServiceHost::answer(Request& request) const {
  return is_below(request.path, AdminRoutes::PREFIX) ? context_.admin(request) : router_(request);
}

Response ServiceHost::live() const {
  const auto now = std::chrono::steady_clock::now();
  for (const auto* thread : context_.threads)
    if (now - thread->last_turn() > STUCK_AFTER)
      return Response::problem(503, "Service Unavailable",
                               thread->name() + " is stuck in '" + thread->running_fiber() + "'", "unavailable");
  return Response::json(R"({"live":true})");
}

Response ServiceHost::readiness() const {
  const auto health = context_.store.health();
  const bool ready = health.ready && context_.ready.load();
  const auto durability = context_.store.durability();
  json::Writer out;
  out.begin_object().member("ready", ready);
  if (!ready) out.member("reason", health.ready ? std::string{"the process starts or stops"} : health.reason);
  out.key("durability").begin_object().member("summary", durability.summary);
  out.member("loses_nothing", durability.loses_nothing).end_object().end_object();
  return Response::json(std::move(out).text(), ready ? 200 : 503);
}

void ServiceHost::start_handlers() {
  keepers_thread_.run("start " + spec_.name, [this] { service_.keeper().start().or_raise(); });
}

void ServiceHost::listen() {
  http::ServerOptions options{.address = context_.settings.bind,
                              .port = context_.settings.ports.at(spec_.name),
                              .name = spec_.name,
                              .metrics = &context_.metrics};
  options.limits.body_bytes_max = context_.settings.body_bytes_max;
  options.cors.origins = context_.settings.cors_origins;
  server_ = std::make_unique<http::Server>(context_.threads, std::move(options),
                                           [this](Request& request) { return answer(request); });
  server_->start();
  const auto& bind = context_.settings.bind;
  const auto host = bind.find(':') == bind.npos ? bind : "[" + bind + "]";  // RFC 3986, 3.2.2
  log::info("listening", {{"service", spec_.name}, {"url", "http://" + host + ":" + std::to_string(port())}});
}

AdminService ServiceHost::admin_service() {
  return {spec_, service_.runtime(), service_.keeper(), [this] { return port(); }};
}

bool ServiceHost::stop_serving(Duration deadline) { return !server_ || server_->drain(deadline); }

void ServiceHost::begin_drain() {
  keepers_thread_.run("drain " + spec_.name, [this] { service_.keeper().begin_drain(); });
}

bool ServiceHost::finish_drain(Duration deadline) {
  const auto until = context_.clock.instant() + deadline;
  bool in_time = true;
  keepers_thread_.run("drain " + spec_.name, [&] { in_time = service_.keeper().finish_drain(until); });
  server_.reset();
  return in_time;
}

}  // namespace tidemark::kit
