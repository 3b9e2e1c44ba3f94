#include "kit/effects.hpp"

#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

constexpr std::size_t WAITING_MAX = 1000;

void call(const std::function<void()>& effect, const std::string& name) {
  try {
    effect();
  } catch (const fiber::Cancelled&) {
    throw;
  } catch (const std::exception& error) {
    log::error("an effect after a commit has failed", {{"of", name}, {"error", error.what()}});
  } catch (...) {
    log::error("an effect after a commit has failed", {{"of", name}, {"error", "an exception of an unknown type"}});
  }
}

}  // namespace

EffectQueue::EffectQueue(fiber::Loop& loop, store::Store& store, std::string name)
    : store_{store}, name_{std::move(name)}, queue_{WAITING_MAX} {
  fiber_ = loop.spawn("effects of " + name_, [this] { run(); });
}

EffectQueue::~EffectQueue() {
  queue_.close();
  fiber_.cancel();
  fiber_.join();
}

void EffectQueue::push(Lsn lsn, std::vector<std::function<void()>> effects) {
  if (effects.empty()) return;
  ++waiting_;
  if (!queue_.push({lsn, std::move(effects)})) --waiting_;
}

void EffectQueue::drain() {
  idle_.wait([this] { return waiting_ == 0; });
}

void EffectQueue::run() {
  while (auto effects = queue_.pop()) {
    if (store_.wait_durable(effects->lsn))
      for (const auto& effect : effects->calls) call(effect, name_);
    if (--waiting_ == 0) idle_.notify_all();
  }
}

}  // namespace tidemark::kit
