#include "kit/host/declarations.hpp"

#include <utility>

#include "telemetry/log.hpp"
#include "tidemark/error.hpp"

namespace tidemark::kit {

Result<void> Declarations::declare() {
  Result<void> all;
  const auto note = [&all](Result<void> done) {
    if (all && !done) all = std::move(done);
  };
  for (const auto& host : hosts_) note(host->declare_groups());
  for (const auto& host : hosts_) note(host->declare());
  return all;
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
    this_fiber::sleep_until(clock_.instant() + LOOK);
    Result<void> done;
    try {
      done = look();
    } catch (const Error& error) {
      done = fail(error.code(), error.what());
    }
    if (!done && was_done)
      log::warn("what the services declare can't be looked after; trying on", {{"error", done.error().text()}});
    was_done = static_cast<bool>(done);
  }
}

// Not what is there already: another version of a service may have declared it otherwise since, or an operator.
Result<void> Declarations::look() {
  bool has_lost = false;
  for (const auto& host : hosts_) {
    const auto lost = store_.has_lost(host->spec().name);
    if (!lost) return lost.error();
    has_lost = has_lost || *lost;
  }
  return has_lost ? declare() : Result<void>{};
}

}  // namespace tidemark::kit
