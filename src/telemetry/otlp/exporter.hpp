// Exporter: sends spans to a collector, in batches, beside the work that they tell of and never in its way: what it
// can't send in time it drops, and counts.
#pragma once
#include <cstddef>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "fiber/fiber.hpp"
#include "fiber/io_thread.hpp"
#include "fiber/sync.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/otlp/collector.hpp"
#include "telemetry/span.hpp"

namespace tidemark::otlp {

struct ExporterOptions {
  Collector collector;
  std::string instance;                           // names this process among those of its services
  std::size_t spans_max = 4096;                   // that wait; more are dropped
  std::size_t batch_max = 512;                    // spans in a request
  Duration batch_every{1000};                     // how long a span waits for others at most
  Duration answer_within{10'000};                 // of the collector
  Duration retry_first{500}, retry_last{30'000};  // waits while the collector is away; they double
};

// On a thread of its own. offer() on any thread; the rest on one thread that is no fiber's.
class Exporter {
 public:
  // Its metrics stay behind: `metrics` outlives it.
  Exporter(ExporterOptions options, telemetry::Metrics& metrics);
  // finish() with no time, if that was not called.
  ~Exporter();
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  // Takes a lock for a moment, and never waits for the collector.
  void offer(telemetry::Span span);
  // Takes no more, and sends what waits: one try for each batch, and nothing after `within`. What is left is dropped.
  void finish(Duration within);

 private:
  using Spans = std::vector<telemetry::Span>;

  void run();
  void next_batch();
  void deliver();
  void drop_the_rest();
  // Whether the batch is settled, accepted or refused for good; else to be tried again after the time set in `pause`.
  bool send(Duration& pause);
  void report(const std::string& trouble);
  bool is_finishing();
  Instant deadline();

  const ExporterOptions options_;
  telemetry::Counter& exported_;
  telemetry::Counter& failures_;
  telemetry::Counter& dropped_full_;
  telemetry::Counter& dropped_refused_;
  telemetry::Counter& dropped_at_end_;
  telemetry::Gauge& waiting_;

  std::mutex mutex_;
  Spans queue_;  // with the mutex, as are these two
  bool finishing_ = false;
  Instant until_ = Instant::max();

  Spans batch_;  // on the thread, as are these three
  bool in_trouble_ = false;
  fiber::Signal woken_;
  fiber::FiberHandle fiber_;
  std::promise<void> ended_;
  fiber::IoThread thread_{"telemetry"};  // the last: it ends before what it uses
};

}  // namespace tidemark::otlp
