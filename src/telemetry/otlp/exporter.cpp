#include "telemetry/otlp/exporter.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "json/extract.hpp"
#include "telemetry/log.hpp"
#include "telemetry/otlp/encode.hpp"

namespace tidemark::otlp {
namespace {

constexpr std::string_view DROPPED = "tidemark_trace_spans_dropped_total";
constexpr std::string_view DROPPED_HELP = "Spans that did not reach the collector, by why.";
constexpr Duration SHORTEST_TRY{1};

telemetry::Counter& dropped(telemetry::Metrics& metrics, const char* reason) {
  return metrics.counter(DROPPED, DROPPED_HELP, {{"reason", reason}});
}

// What the collector may take later (OTLP, "Failures"); anything else would be refused again.
bool is_passing(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

// ExportTraceServiceResponse.partial_success; a 64-bit number is text in this encoding, and some write a number.
std::uint64_t rejected_spans(const std::string& body) {
  static const json::PathSet paths{{"partialSuccess.rejectedSpans"}};
  const auto found = json::extract(body, paths);
  if (!found) return 0;
  if (const auto* number = std::get_if<std::int64_t>(&found->front()))
    return static_cast<std::uint64_t>(std::max<std::int64_t>(*number, 0));
  const auto* text = std::get_if<std::string>(&found->front());
  return text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
}

}  // namespace

Exporter::Exporter(ExporterOptions options, telemetry::Metrics& metrics)
    : options_{std::move(options)},
      exported_{metrics.counter("tidemark_trace_spans_exported_total", "Spans that the collector has taken.")},
      failures_{metrics.counter("tidemark_trace_export_failures_total",
                                "Requests to the collector that failed; their spans are sent again, or dropped.")},
      dropped_full_{dropped(metrics, "queue_full")},
      dropped_refused_{dropped(metrics, "refused")},
      dropped_at_end_{dropped(metrics, "shutdown")},
      waiting_{metrics.gauge("tidemark_trace_queue_spans", "Spans that wait to be exported.")} {
  thread_.run("start the exporter", [this] {
    fiber_ = thread_.loop().spawn("exporter", [this] {
      try {
        run();
      } catch (const fiber::Cancelled&) {
        drop_the_rest();
      }
      ended_.set_value();
    });
  });
}

Exporter::~Exporter() {
  finish(Duration{0});
  thread_.run("end the exporter", [this] { fiber_ = {}; });  // a handle belongs to its loop's thread
  thread_.stop();
  thread_.join();
}

void Exporter::offer(telemetry::Span span) {
  std::size_t waiting = 0;
  {
    const std::scoped_lock lock{mutex_};
    if (finishing_) return dropped_at_end_.add();
    if (queue_.size() >= options_.spans_max) return dropped_full_.add();
    queue_.push_back(std::move(span));
    waiting = queue_.size();
  }
  waiting_.set(static_cast<double>(waiting));
  if (waiting == 1 || waiting == options_.batch_max) thread_.loop().post([this] { woken_.notify_all(); });
}

void Exporter::finish(Duration within) {
  {
    const std::scoped_lock lock{mutex_};
    if (std::exchange(finishing_, true)) return;
    until_ = std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()) + within;
  }
  thread_.loop().post([this] { woken_.notify_all(); });
  auto ended = ended_.get_future();
  if (ended.wait_for(within) == std::future_status::ready) return;
  thread_.loop().post([this] { fiber_.cancel(); });
  ended.wait();
}

bool Exporter::is_finishing() {
  const std::scoped_lock lock{mutex_};
  return finishing_;
}

Instant Exporter::deadline() {
  const std::scoped_lock lock{mutex_};
  return until_;
}

// --- On the thread ---

void Exporter::run() {
  for (next_batch(); !batch_.empty(); next_batch()) {
    try {
      deliver();
    } catch (const fiber::Cancelled&) {
      throw;
    } catch (const std::exception& error) {  // no memory for a request, say
      failures_.add();
      dropped_refused_.add(batch_.size());
      report(error.what());
    }
  }
}

void Exporter::drop_the_rest() {
  const std::scoped_lock lock{mutex_};
  dropped_at_end_.add(batch_.size() + queue_.size());
  queue_.clear();
}

// Suspends until a batch is full, or its first span has waited long enough. Empty when it is time to end.
void Exporter::next_batch() {
  batch_.clear();
  const auto count = [this] {
    const std::scoped_lock lock{mutex_};
    return queue_.size();
  };
  woken_.wait([&] { return count() > 0 || is_finishing(); });
  static_cast<void>(woken_.wait_until(thread_.loop().now() + options_.batch_every,
                                      [&] { return count() >= options_.batch_max || is_finishing(); }));
  const std::scoped_lock lock{mutex_};
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.batch_max));
  batch_.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  waiting_.set(static_cast<double>(queue_.size()));
}

void Exporter::deliver() {
  auto pause = options_.retry_first;
  for (;;) {
    const bool is_last_try = is_finishing();
    if (send(pause)) return;
    if (is_last_try) return dropped_at_end_.add(batch_.size());
    // Between half of it and all, so that many processes do not come back at once.
    const auto wait =
        pause / 2 +
        Duration{static_cast<Duration::rep>(thread_random().below(static_cast<std::uint64_t>(pause.count()) / 2 + 1))};
    static_cast<void>(woken_.wait_until(thread_.loop().now() + wait, [this] { return is_finishing(); }));
    pause = std::min(pause * 2, options_.retry_last);
  }
}

bool Exporter::send(Duration& pause) {
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
  const auto until = std::min(now + options_.answer_within, deadline());
  if (until < now + SHORTEST_TRY) return false;
  const auto answer = post(thread_, options_.collector, encode(batch_, options_.instance), until);
  if (answer && answer->status >= 200 && answer->status < 300) {
    const auto rejected = std::min<std::uint64_t>(rejected_spans(answer->body), batch_.size());
    exported_.add(batch_.size() - rejected);
    dropped_refused_.add(rejected);
    report({});
    return true;
  }
  failures_.add();
  if (!answer) {
    report(answer.error().text());
    return false;
  }
  report("the collector answers " + std::to_string(answer->status));
  if (is_passing(answer->status)) {
    pause = std::clamp(answer->retry_after.value_or(pause), pause, options_.retry_last);
    return false;
  }
  dropped_refused_.add(batch_.size());
  return true;
}

// Says when it begins and when it is over, not each time.
void Exporter::report(const std::string& trouble) {
  if (in_trouble_ == !trouble.empty()) return;
  in_trouble_ = !trouble.empty();
  const std::string collector = options_.collector.host + ":" + std::to_string(options_.collector.port);
  if (in_trouble_)
    log::warn("traces can't be exported; services go on, spans are dropped if it lasts",
              {{"collector", collector}, {"path", options_.collector.path}, {"error", trouble}});
  else
    log::info("traces are exported again", {{"collector", collector}});
}

}  // namespace tidemark::otlp
