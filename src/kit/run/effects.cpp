#include "kit/run/effects.hpp"

#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

constexpr std::size_t WAITING_MAX = 1000;

void call(const std::function<void()>& effect, std::string_view of) {
  try {
    effect();
  } catch (const fiber::Cancelled&) {
    throw;
  } catch (const std::exception& error) {
    log::error("an effect after a commit has failed", {{"of", of}, {"error", error.what()}});
  } catch (...) {
    log::error("an effect after a commit has failed", {{"of", of}, {"error", "an exception of an unknown type"}});
  }
}

}  // namespace

void call_effects(const std::vector<std::function<void()>>& effects, std::string_view of) {
  for (const auto& effect : effects) call(effect, of);
}

EffectQueue::EffectQueue(fiber::Loop& loop, store::Store& store, std::string name)
    : store_{store}, name_{std::move(name)} {
  fiber_ = loop.spawn("effects of " + name_, [this] { run(); });
}

EffectQueue::~EffectQueue() {
  fiber_.cancel();
  fiber_.join();
}

// In the queue first: who waits here may be overtaken by another one that has committed later.
void EffectQueue::push(Lsn lsn, std::vector<std::function<void()>> effects) {
  if (effects.empty()) return;
  queue_.push_back({lsn, std::move(effects)});
  filled_.notify_one();
  called_.wait([this] { return released_ || queue_.size() <= WAITING_MAX; });
}

void EffectQueue::release() {
  released_ = true;
  called_.notify_all();
}

bool EffectQueue::drain(Instant deadline) {
  const bool all_called = called_.wait_until(deadline, [this] { return queue_.empty(); });
  if (!all_called) {
    log::error("effects after commits did not end in time, and those behind them are not called",
               {{"of", name_}, {"left", queue_.size()}});
  }
  return all_called;
}

void EffectQueue::run() {
  for (;;) {
    filled_.wait([this] { return !queue_.empty(); });
    const auto& next = queue_.front();
    if (auto durable = store_.wait_durable(next.lsn))
      call_effects(next.calls, name_);
    else
      log::error("effects after a commit are not called: it may not be durable",
                 {{"of", name_}, {"error", durable.error().text()}});
    queue_.pop_front();
    called_.notify_all();
  }
}

}  // namespace tidemark::kit
