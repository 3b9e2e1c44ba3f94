#include "kit/declarations.hpp"

#include "telemetry/log.hpp"

namespace tidemark::kit {

Result<void> Declarations::declare() {
  for (const auto& host : hosts_) TIDEMARK_TRY(host->declare_groups());
  for (const auto& host : hosts_) TIDEMARK_TRY(host->declare());
  return {};
}

void Declarations::start() {
  fiber_ = loop_.spawn("declarations", [this] { run(); });
}

void Declarations::stop() {
  if (!fiber_) return;
  fiber_.cancel();
  fiber_.join();
}

void Declarations::run() {
  for (bool was_done = true;;) {
    this_fiber::sleep_until(clock_.instant() + AGAIN);
    const auto done = declare();
    if (!done && was_done) log::warn("the store refuses what the services declare", {{"error", done.error().text()}});
    was_done = static_cast<bool>(done);
  }
}

}  // namespace tidemark::kit
