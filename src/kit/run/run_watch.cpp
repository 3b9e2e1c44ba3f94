#include "kit/run/run_watch.hpp"

#include <algorithm>
#include <utility>

#include "fiber/fiber.hpp"

namespace tidemark::kit {
namespace {

// None of less than nothing: the time of day may be set back.
std::chrono::microseconds since(Moment start, Moment now) { return std::max(now - start, Moment::duration{0}); }

}  // namespace

RunWatch::RunWatch(const Runtime& runtime, const telemetry::TraceContext& within)
    : runtime_{&runtime},
      trace_{within.child()},
      parent_{within.span},
      start_{runtime.clock.moment()},
      wanted_{runtime.observer && runtime.observer->wants(trace_)} {
  if (wanted_) record();
}

RunRecord& RunWatch::record() {
  if (!record_) record_ = std::make_unique<RunRecord>();
  return *record_;
}

void RunWatch::returned() {
  if (wanted_) record_->until_commit = since(start_, runtime_->clock.moment());
}

bool RunWatch::is_told_of(RunOutcome outcome) const {
  if (wanted_) return true;
  return runtime_->observer && (outcome == RunOutcome::failed || outcome == RunOutcome::buried);
}

void RunWatch::tell(RunOutcome outcome, std::string_view error) {
  RunRecord told = std::move(*record_);
  record_.reset();
  told.trace = trace_;
  told.parent = parent_;
  told.outcome = outcome;
  told.detailed = std::exchange(wanted_, false);
  told.service = runtime_->service;
  told.start = start_;
  told.duration = since(start_, runtime_->clock.moment());
  if (told.until_commit.count() == 0) told.until_commit = told.duration;
  told.error = error;
  runtime_->observer->ran(std::move(told));
}

// Only ever read through current_trace(): the slot of the fiber knows no constness.
TraceScope::TraceScope(const telemetry::TraceContext& trace)
    : outer_{std::exchange(this_fiber::local(), const_cast<telemetry::TraceContext*>(&trace))} {}

TraceScope::~TraceScope() { this_fiber::local() = outer_; }

const telemetry::TraceContext* current_trace() {
  return this_fiber::active() ? static_cast<const telemetry::TraceContext*>(this_fiber::local()) : nullptr;
}

telemetry::TraceContext new_trace(const telemetry::Sampler& sampler) {
  const auto trace = telemetry::TraceId::random();
  return {trace, {}, sampler.samples(trace)};
}

telemetry::TraceContext derived_trace(std::string_view event_id, const telemetry::Sampler& sampler) {
  const auto trace = telemetry::TraceId::derived_from(event_id);
  return {trace, {}, sampler.samples(trace)};
}

}  // namespace tidemark::kit
