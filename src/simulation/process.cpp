#include "simulation/process.hpp"

#include "base/assert.hpp"
#include "http/problem.hpp"

namespace tidemark::simulation {
namespace {

// A fiber that is told to stop needs a few turns to unwind; one that needs so many never will.
constexpr int TURNS_TO_END_MAX = 10'000;

testing::Reply reply_of(const Response& response) {
  testing::Reply reply;
  reply.status = response.status;
  for (const auto& [name, value] : response.headers) reply.headers.emplace_back(name, value);
  if (!response.content_type.empty()) reply.headers.emplace_back("Content-Type", response.content_type);
  reply.body = response.shared_body ? *response.shared_body : response.body;
  return reply;
}

Response respond(const http::Router& router, Request& request) {
  try {
    return router(request);
  } catch (const fiber::Cancelled&) {
    throw;
  } catch (...) {
    return http::problem_of(std::current_exception());
  }
}

}  // namespace

Process::Process(ProcessOptions options, std::shared_ptr<store::Store> store, Witness& witness, VirtualClock& clock)
    : options_{std::move(options)},
      clock_{clock},
      observed_{std::make_shared<ObservedStore>(std::move(store), witness, options_.number)},
      store_{options_.wrap ? options_.wrap(observed_) : observed_},
      loop_{clock, {.tick = Duration{1}}},
      maintenance_{loop_, *store_, clock} {
  for (const auto* service : options_.services)
    services_.push_back(
        std::make_unique<kit::HostedService>(kit::Surroundings{.store = *store_,
                                                               .clock = clock,
                                                               .metrics = metrics_,
                                                               .suspects = suspects_,
                                                               .consumer = options_.name,
                                                               .partitions = options_.partitions,
                                                               .timer_set = [this] { maintenance_.timer_set(); }},
                                             service->spec(), std::vector<fiber::Loop*>{&loop_}));
  loop_.spawn("start", [this] {
    try {
      start();
    } catch (const fiber::Cancelled&) {
      throw;
    } catch (const std::exception& error) {
      failure_ = error.what();
    }
  });
}

void Process::start() {
  for (const auto& service : services_) service->declare_groups().or_raise();
  for (const auto& service : services_) service->declare().or_raise();
  kit::AdminContext context{.store = *store_, .clock = clock_, .metrics = metrics_, .settings = settings_};
  for (const auto& service : services_)
    context.services.push_back({service->spec(), service->runtime(), service->keeper()});
  admin_ = std::make_unique<kit::Admin>(std::move(context));
  for (const auto& service : services_) {
    auto& router = routers_[service->spec().name];
    service->add_routes(router);
    admin_->add_routes(router);
  }
  for (const auto& service : services_) service->keeper().start().or_raise();
  maintenance_.start();
  serves_ = true;
}

Process::~Process() { end(); }

// The fibers unwind first, for they stand on what is destroyed then. Dispatchers are told, or they would start others.
void Process::end() {
  observed_->wake_waiters();
  run_to_its_end("stop", [this] {
    for (const auto& service : services_) service->keeper().begin_drain();
  });
  loop_.cancel_all();
  run_until([this] { return loop_.fiber_count() == 0; });
  run_to_its_end("end", [this] {
    const fiber::UncancellableScope although_all_is_cancelled;
    routers_.clear();
    services_.clear();
  });
  loop_.close();
}

void Process::run_to_its_end(std::string_view name, fiber::Task body) {
  const auto fiber = loop_.spawn(name, std::move(body));
  run_until([&] { return fiber.done(); });
}

void Process::run_until(const std::function<bool()>& done) {
  for (int turns = 0; !done(); ++turns) {
    TIDEMARK_ASSERT(turns < TURNS_TO_END_MAX, "fibers of a crashed process have not ended: ", loop_.fiber_names());
    turn();
    if (has_work() || done()) continue;
    if (const auto next = next_deadline()) clock_.advance(std::max(*next - clock_.instant(), Duration{0}));
  }
}

bool Process::has_work() const {
  if (const auto next = loop_.next_deadline(); next && *next <= clock_.instant()) return true;
  const bool asleep = loop_.prepare_sleep();
  loop_.end_sleep();
  return !asleep;
}

void Process::turn() { loop_.run_turn(); }

std::shared_ptr<Exchange> Process::send(std::string_view service, Request request) {
  const auto router = routers_.find(service);
  if (router == routers_.end()) throw NotFound{"the scenario has no service '" + std::string{service} + "'"};
  auto exchange = std::make_shared<Exchange>();
  loop_.spawn("request", [exchange, &router = router->second, request = std::move(request)]() mutable {
    exchange->reply = reply_of(respond(router, request));
  });
  return exchange;
}

}  // namespace tidemark::simulation
