#include "tidemark/simulation.hpp"

#include "http/percent.hpp"
#include "simulation/universe.hpp"

namespace tidemark::testing {
namespace {

using namespace std::chrono_literals;

constexpr Duration ANSWER_WITHIN = 30s, ASK_AGAIN = 1s, GIVE_UP = 1h;

Method method_named(std::string_view name) {
  for (const auto method :
       {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::erase, Method::options})
    if (name == to_string(method)) return method;
  throw Invalid{"no HTTP method is called '" + std::string{name} + "'"};
}

Request request_of(std::string_view method, std::string_view target, std::string_view body,
                   const Simulation::Headers& headers) {
  Request request;
  request.method = method_named(method);
  const auto mark = target.find('?');
  const auto path = target.substr(0, mark);
  request.path = http::percent_decode(path).or_raise();
  if (request.path != path) request.raw_path = path;
  if (mark != target.npos) request.raw_query = target.substr(mark + 1);
  for (const auto& [name, value] : headers) request.headers.push_back({name, value});
  request.body = body;
  request.peer = "127.0.0.1:1";
  return request;
}

bool means_try_again(int status) { return status == 0 || status == 429 || (status >= 502 && status <= 504); }

}  // namespace

Reply Simulation::request(std::string_view service, std::string_view method, std::string_view path,
                          std::string_view body, const Headers& headers) {
  auto request = request_of(method, path, body, headers);
  simulation::Process* process = nullptr;
  wait_until([&] { return (process = universe_.serving()) != nullptr; });
  const auto life = universe_.life_of(process);
  const auto exchange = process->send(service, std::move(request));
  const auto until = universe_.clock().instant() + ANSWER_WITHIN;
  while (!exchange->reply && universe_.life_of(process) == life && universe_.clock().instant() < until)
    universe_.step(until);
  return exchange->reply.value_or(Reply{});
}

Reply Simulation::request_until_answered(std::string_view service, std::string_view method, std::string_view path,
                                         std::string_view body, const Headers& headers) {
  const auto give_up = universe_.clock().instant() + GIVE_UP;
  for (;;) {
    auto reply = request(service, method, path, body, headers);
    if (!means_try_again(reply.status)) return reply;
    if (universe_.clock().instant() > give_up)
      universe_.violated(std::string{method} + " " + std::string{path} +
                         " was not answered within an hour; the last status was " + std::to_string(reply.status));
    wait(ASK_AGAIN);
  }
}

void Simulation::wait(Duration time) {
  const auto until = universe_.clock().instant() + time;
  while (universe_.clock().instant() < until) universe_.step(until);
}

void Simulation::wait_until(const std::function<bool()>& holds, Duration limit) {
  const auto until = universe_.clock().instant() + limit;
  while (!holds()) {
    if (universe_.clock().instant() >= until)
      universe_.violated("what the scenario waits for did not come about within " + std::to_string(limit.count()) +
                         " ms");
    universe_.step(until);
  }
}

void Simulation::run_until_quiet() {
  auto give_up = universe_.clock().now() + GIVE_UP;
  for (;;) {
    while (!universe_.is_idle()) universe_.step(Instant::max());
    const auto unrest = universe_.unrest();
    if (unrest.empty()) return;
    if (const auto timer = universe_.last_timer()) give_up = std::max(give_up, *timer + GIVE_UP);
    if (universe_.clock().now() > give_up) universe_.violated("no rest after an hour: " + unrest);
    universe_.step(Instant::max());
  }
}

TimePoint Simulation::now() const { return universe_.clock().now(); }

void Simulation::crash() { universe_.crash(); }

void Simulation::require(bool holds, std::string_view what) {
  if (!holds) universe_.violated(what);
}

std::vector<DeadLetter> Simulation::dead_letters() { return universe_.dead_letters(); }
std::uint32_t Simulation::crashes() const { return universe_.crashes(); }
std::string Simulation::schedule() const { return universe_.plan().name(); }

}  // namespace tidemark::testing
