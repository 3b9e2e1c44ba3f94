#include <sys/resource.h>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <stop_token>
#include <thread>

#include "kit/host/application.hpp"
#include "kit/setup/open_store.hpp"
#include "kit/setup/settings.hpp"
#include "telemetry/log.hpp"
#include "tidemark/service.hpp"

namespace tidemark {
namespace {

enum ExitCode : int { STOPPED = 0, FAILED = 1, MISUSED = 2 };

int refuse(std::string_view program, const Failure& failure) {
  std::cerr << program << ": " << failure.text() << '\n';
  return failure.code == ErrorCode::invalid ? MISUSED : FAILED;
}

// Blocks the signals that end the process in this thread and those that it starts from now on, so that sigwait has
// them.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Connections take what descriptors there are, and the store ends the process when it gets none for its next file. The
// usual soft limit of 1024 is for programs that call select().
void use_all_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// How long a stop may take beyond the time that what runs is given.
constexpr Duration GIVE_UP_AFTER{5'000};

// Ends the process where its stop takes longer: a call that blocks for ever can't be cancelled. Nothing that was
// acknowledged is lost by it: it is like a crash.
class StopLimit {
 public:
  explicit StopLimit(Duration limit)
      : thread_{[this, limit](const std::stop_token& stopped) { watch(stopped, limit); }} {}

 private:
  void watch(const std::stop_token& stopped, Duration limit) {
    std::unique_lock lock{mutex_};
    if (wake_.wait_for(lock, stopped, limit, [] { return false; }) || stopped.stop_requested()) return;
    log::error("what runs does not end, and is given up as in a crash", {{"after_ms", limit.count()}});
    std::_Exit(FAILED);
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses the others
};

kit::Program describe(std::string_view program, const std::vector<Service*>& services) {
  kit::Program described{.name = std::string{program}};
  for (const auto* service : services) {
    described.ports.push_back({service->name(), service->spec().port});
    if (services.size() == 1) described.about = service->spec().about;
  }
  return described;
}

int serve(std::string_view program, const kit::Settings& settings, const std::vector<Service*>& services) {
  const sigset_t signals = block_end_signals();
  use_all_descriptors();
  auto store = kit::open_store(settings.store);
  if (!store) return refuse(program, store.error());
  const auto durability = (*store)->durability();
  log::write(durability.loses_nothing ? log::Level::info : log::Level::warn, "opened the store",
             {{"store", kit::without_passwords(settings.store)}, {"durability", durability.summary}});

  std::vector<const detail::ServiceSpec*> specs;
  for (const auto* service : services) specs.push_back(&service->spec());
  kit::Application application{std::move(*store), settings, std::move(specs)};
  if (auto started = application.start(); !started) return refuse(program, started.error());

  int signal = 0;
  sigwait(&signals, &signal);
  log::info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);  // a second one ends the process at once
  const StopLimit limit{settings.drain + GIVE_UP_AFTER};
  const bool in_time = application.stop();
  log::info("stopped", {{"in_time", in_time}});
  return in_time ? STOPPED : FAILED;
}

}  // namespace

int run(Service& service, int argc, char** argv) { return run(service.name(), {&service}, argc, argv); }

int run(std::string_view program, const std::vector<Service*>& services, int argc, char** argv) {
  auto settings = kit::read_settings(describe(program, services), {argv + 1, argv + argc}, kit::tidemark_environment());
  if (!settings) return refuse(program, settings.error());
  if (const auto* print = std::get_if<kit::PrintAndExit>(&*settings)) {
    std::cout << print->text;
    return STOPPED;
  }
  const auto& given = std::get<kit::Settings>(*settings);
  log::set_level(log::level_named(given.log_level).value_or(log::Level::info));
  log::set_format(log::format_named(given.log_format).value_or(log::Format::text));
  for (const auto& variable : given.unknown_variables)
    log::warn("a variable of the environment is no setting; --help lists them", {{"variable", variable}});
  try {
    return serve(program, given, services);
  } catch (const std::exception& error) {  // what even a start may lack: memory, threads
    return refuse(program, fail(ErrorCode::internal, error.what()));
  }
}

}  // namespace tidemark
