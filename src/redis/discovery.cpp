#include "redis/discovery.hpp"

#include <utility>

#include "telemetry/log.hpp"

namespace tidemark::redis {
Discovery::Discovery(Nodes& nodes, std::string name, std::function<Result<void>()> look)
    : nodes_{nodes},
      name_{std::move(name)},
      look_{std::move(look)},
      backoff_{nodes.options().retry_first, nodes.options().retry_at_most, nodes.random()} {}

void Discovery::start() {
  if (nodes_.is_closed()) return;
  wanted_ = true;
  if (fiber_ && !fiber_.done()) return;
  try {
    fiber_ = nodes_.thread().loop().spawn(name_, [this] { run(); });
  } catch (const Error& error) {  // too many fibers: whoever waits asks again
    failure_ = fail(error.code(), error.what(), name_);
  }
}

void Discovery::run() {
  while (wanted_) {
    this_fiber::sleep_until(next_at_);
    if (nodes_.is_closed()) return;
    wanted_ = false;
    if (!attempt()) wanted_ = !is_hopeless(*failure_);
    nodes_.changed().notify_all();
  }
}

bool Discovery::attempt() {
  const Result<void> found = look_();
  if (found) {
    backoff_.reset();
    next_at_ = nodes_.now() + AT_REST;
    if (std::exchange(failure_, std::nullopt)) log::info("redis: masters found again", {{"by", name_}});
    return true;
  }
  next_at_ = nodes_.now() + backoff_.next();
  if (!failure_) log::warn("redis: masters not found", {{"by", name_}, {"reason", found.error().text()}});
  failure_ = found.error();
  return false;
}

void Discovery::close() {
  if (!fiber_ || fiber_.done()) return;
  fiber_.cancel();
  const fiber::UncancellableScope ends{};
  fiber_.join();
}

}  // namespace tidemark::redis
