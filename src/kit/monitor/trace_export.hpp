// TraceExport: runs of sampled traces as OpenTelemetry's spans, on their way to a collector.
#pragma once
#include <string>
#include <vector>

#include "kit/run/run_record.hpp"
#include "telemetry/otlp/exporter.hpp"
#include "telemetry/span.hpp"

namespace tidemark::kit {

// A run as spans: its own (a server's or a consumer's), and below it the commit, where it made one. Of documents they
// say which were changed, not what stands in them; of more than 128 effects, how many more there were.
std::vector<telemetry::Span> spans_of(const RunRecord& run);

class TraceExport final : public RunObserver {
 public:
  TraceExport(otlp::ExporterOptions options, telemetry::Metrics& metrics) : exporter_{std::move(options), metrics} {}

  bool wants(const telemetry::TraceContext& trace) override { return trace.sampled; }
  // Passes over runs of traces that are not sampled, failures too.
  void ran(RunRecord&& record) override;
  // On a thread that is no fiber's: sends what waits, until `within` is over. Runs that end later are dropped.
  void finish(Duration within) { exporter_.finish(within); }

 private:
  otlp::Exporter exporter_;
};

// Tells two observers: the first, all; the second, which may be null, what it wants.
class TwoObservers final : public RunObserver {
 public:
  TwoObservers(RunObserver& first, RunObserver* second) : first_{first}, second_{second} {}

  bool wants(const telemetry::TraceContext& trace) override {
    const bool second_wants = second_ && second_->wants(trace);
    return first_.wants(trace) || second_wants;
  }
  void ran(RunRecord&& record) override {
    if (second_ && second_->wants(record.trace)) second_->ran(RunRecord{record});
    first_.ran(std::move(record));
  }

 private:
  RunObserver& first_;
  RunObserver* second_;
};

}  // namespace tidemark::kit
