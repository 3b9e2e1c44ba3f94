// Metrics: counters, gauges and histograms for Prometheus to scrape (text format 0.0.4, served as /metrics).
//
//   Metrics metrics;
//   Counter& handled = metrics.counter("tidemark_events_total", "Events handled.", {{"group", "invoices"}});  // once
//   handled.add();                                                                                         // often
//
// Look a metric up once and keep the reference, which is valid as long as the Metrics: adding to it is a few
// nanoseconds from any thread, looking it up takes a lock.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/distribution.hpp"

namespace tidemark::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

namespace detail {

// Threads are spread over this many copies of each counted value, a cache line each, so that they seldom meet.
inline constexpr std::size_t SHARD_COUNT = 8;
std::size_t next_shard() noexcept;
inline std::size_t this_shard() noexcept {
  thread_local const std::size_t shard = next_shard();
  return shard;
}

}  // namespace detail

// Only rises.
class Counter {
 public:
  void add(std::uint64_t by = 1) noexcept {
    shards_[detail::this_shard()].value.fetch_add(by, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept;

 private:
  struct alignas(64) Shard {
    std::atomic<std::uint64_t> value{0};
  };
  std::array<Shard, detail::SHARD_COUNT> shards_;
};

class Gauge {
 public:
  void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(double by) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
  double value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Counts values into buckets: how many were at most each bound.
class Histogram {
 public:
  // `bounds` rise; a bucket for all the rest is added.
  explicit Histogram(std::vector<double> bounds);

  void observe(double value) noexcept;

  Distribution snapshot() const;
  const std::vector<double>& bounds() const noexcept { return bounds_; }

 private:
  struct alignas(64) Shard {
    std::unique_ptr<std::atomic<std::uint64_t>[]> counts;
    std::atomic<double> sum{0};
  };
  std::vector<double> bounds_;
  std::array<Shard, detail::SHARD_COUNT> shards_;
};

// Bounds for durations in seconds, 100 µs to 10 s.
std::vector<double> latency_bounds();

// A value that somebody else keeps, read when the metrics are.
struct Sample {
  std::string name, help;
  bool counter = false;  // else a gauge
  Labels labels;
  double value = 0;
  std::optional<Distribution> distribution = std::nullopt;  // then it is a histogram, and has no value
};

// Any thread may call anything.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The metric of that name and those labels, made at the first call; names follow Prometheus's conventions
  // ("tidemark_http_requests_total"). A name used for two kinds of metric is a bug (std::logic_error).
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  // `bounds` matter at the first call of that name.
  Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels = {},
                       const std::vector<double>& bounds = latency_bounds());

  // Called at each expose(), which holds no lock of ours meanwhile. `collector` must be callable as long as somebody
  // calls expose().
  void collect(std::function<std::vector<Sample>()> collector);

  // Everything in the text format 0.0.4.
  std::string expose() const;

  // One metric, of the one kind that is not null. All of it stays valid as long as the Metrics.
  struct View {
    const std::string& name;
    const Labels& labels;  // sorted
    const Counter* counter = nullptr;
    const Gauge* gauge = nullptr;
    const Histogram* histogram = nullptr;
  };
  // Shows each metric, under the lock that the making of one takes.
  void visit(const std::function<void(const View&)>& see) const;
  // What all the collectors say now.
  std::vector<Sample> collected() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::telemetry
