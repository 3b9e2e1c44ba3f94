#include "kit/host/maintenance.hpp"

#include <algorithm>

#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

constexpr Duration WAIT_MAX = std::chrono::seconds{1};

}  // namespace

void Maintenance::start() {
  fiber_ = loop_.spawn("maintenance", [this] { run(); });
}

void Maintenance::stop() {
  if (!fiber_) return;
  fiber_.cancel();
  fiber_.join();
}

void Maintenance::timer_set() {
  loop_.post([this] {
    again_ = true;
    sooner_.notify_all();
  });
}

void Maintenance::run() {
  for (;;) {
    again_ = false;
    auto next = store_.maintain();
    if (!next) log::warn("maintenance of the store has failed; trying again", {{"error", next.error().text()}});
    const auto wait = next ? std::clamp(*next - clock_.now(), Duration{0}, WAIT_MAX) : WAIT_MAX;
    if (wait > Duration{0} && !again_)
      static_cast<void>(sooner_.wait_until(clock_.instant() + wait, [this] { return again_; }));
    else
      this_fiber::yield();
  }
}

}  // namespace tidemark::kit
