// RunWatch: one run of an endpoint or a handler, as its observer sees it: which span it is, and, where somebody is to
// be told of it, what there is to tell. A run that nobody wants to know of costs it the making of a span id.
#pragma once
#include <memory>
#include <string_view>

#include "kit/run/run_record.hpp"
#include "kit/run/runtime.hpp"

namespace tidemark::kit {

class RunWatch {
 public:
  // A run begins. Its parent is `within`, the context that the request or the event came with.
  RunWatch(const Runtime& runtime, const telemetry::TraceContext& within);

  // The trace, and the run's own span in it.
  const telemetry::TraceContext& trace() const { return trace_; }

  // What is collected of the run; null where nobody wants that.
  RunRecord* wanted() { return wanted_ ? record_.get() : nullptr; }
  // The function has returned, or thrown; what follows is the commit.
  void returned();

  // The run is over. `describe(RunRecord&)` is called, where somebody is told, to say whose run it was.
  template <class Describe>
  void end(RunOutcome outcome, std::string_view error, const Describe& describe) {
    if (!is_told_of(outcome)) return;
    describe(record());
    tell(outcome, error);
  }

 private:
  bool is_told_of(RunOutcome outcome) const;
  RunRecord& record();
  void tell(RunOutcome outcome, std::string_view error);

  const Runtime* runtime_;
  telemetry::TraceContext trace_;
  telemetry::SpanId parent_;
  Moment start_;
  bool wanted_;
  std::unique_ptr<RunRecord> record_;
};

// While it lives, what the current fiber logs names the run, which must live as long.
class [[nodiscard]] TraceScope {
 public:
  explicit TraceScope(const telemetry::TraceContext& trace);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  void* outer_;
};

// The trace that this code works for: the one of its fiber's TraceScope. Null where there is none. For
// log::set_trace_source().
const telemetry::TraceContext* current_trace();

// The context of a trace that begins here.
telemetry::TraceContext new_trace(const telemetry::Sampler& sampler);

// The same of an event that came without one: the same trace for all of its runs, since it follows from its id.
telemetry::TraceContext derived_trace(std::string_view event_id, const telemetry::Sampler& sampler);

}  // namespace tidemark::kit
