#include "telemetry/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>

namespace tidemark::telemetry {

std::size_t detail::next_shard() noexcept {
  static std::atomic<std::size_t> next{0};
  return next.fetch_add(1, std::memory_order_relaxed) % SHARD_COUNT;
}

std::uint64_t Counter::value() const noexcept {
  std::uint64_t total = 0;
  for (const Shard& shard : shards_) total += shard.value.load(std::memory_order_relaxed);
  return total;
}

Histogram::Histogram(std::vector<double> bounds) : bounds_{std::move(bounds)} {
  for (Shard& shard : shards_) shard.counts = std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1);
}

void Histogram::observe(double value) noexcept {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  Shard& shard = shards_[detail::this_shard()];
  shard.counts[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  shard.sum.fetch_add(value, std::memory_order_relaxed);
}

Distribution Histogram::snapshot() const {
  Distribution result;
  result.bounds = bounds_;
  result.cumulative.resize(bounds_.size() + 1);
  for (const Shard& shard : shards_) {
    for (std::size_t i = 0; i <= bounds_.size(); ++i) {
      result.cumulative[i] += shard.counts[i].load(std::memory_order_relaxed);
    }
    result.sum += shard.sum.load(std::memory_order_relaxed);
  }
  for (std::size_t i = 1; i < result.cumulative.size(); ++i) result.cumulative[i] += result.cumulative[i - 1];
  return result;
}

std::vector<double> latency_bounds() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

ClientMetric labelled(const Labels& labels) {
  ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

// All metrics of one name and kind.
template <class M>
struct Family {
  std::string help;
  std::map<Labels, M> metrics;  // a map, so that a metric keeps its address
};

template <class M>
using Families = std::map<std::string, Family<M>, std::less<>>;

void fill(ClientMetric& to, const Counter& from) { to.counter.value = static_cast<double>(from.value()); }
void fill(ClientMetric& to, const Gauge& from) { to.gauge.value = from.value(); }
void fill(ClientMetric& to, const Distribution& from) {
  to.histogram.sample_count = from.count();
  to.histogram.sample_sum = from.sum;
  for (std::size_t i = 0; i < from.bounds.size(); ++i) {
    to.histogram.bucket.push_back({from.cumulative[i], from.bounds[i]});
  }
  to.histogram.bucket.push_back({from.count(), std::numeric_limits<double>::infinity()});
}
void fill(ClientMetric& to, const Histogram& from) { fill(to, from.snapshot()); }

template <class M>
void append(std::vector<MetricFamily>& out, const Families<M>& families, MetricType type) {
  for (const auto& [name, family] : families) {
    MetricFamily& to = out.emplace_back(MetricFamily{name, family.help, type, {}});
    for (const auto& [labels, metric] : family.metrics) fill(to.metric.emplace_back(labelled(labels)), metric);
  }
}

MetricType type_of(const Sample& sample) {
  if (sample.distribution) return MetricType::Histogram;
  return sample.counter ? MetricType::Counter : MetricType::Gauge;
}

void append(std::vector<MetricFamily>& out, const Sample& sample) {
  const auto type = type_of(sample);
  auto family = std::find_if(out.begin(), out.end(),
                             [&](const MetricFamily& f) { return f.name == sample.name && f.type == type; });
  if (family == out.end()) family = out.insert(out.end(), MetricFamily{sample.name, sample.help, type, {}});
  ClientMetric& metric = family->metric.emplace_back(labelled(sample.labels));
  if (sample.distribution) {
    fill(metric, *sample.distribution);
  } else {
    (sample.counter ? metric.counter.value : metric.gauge.value) = sample.value;
  }
}

}  // namespace

struct Metrics::State {
  mutable std::mutex mutex;
  Families<Counter> counters;
  Families<Gauge> gauges;
  Families<Histogram> histograms;
  std::deque<std::function<std::vector<Sample>()>> collectors;

  template <class M, class... Arguments>
  M& get(Families<M>& families, std::string_view name, std::string_view help, Labels labels,
         const Arguments&... arguments) {
    const std::lock_guard lock{mutex};
    const auto kinds = static_cast<int>(counters.contains(name)) + static_cast<int>(gauges.contains(name)) +
                       static_cast<int>(histograms.contains(name));
    if (kinds > 0 && !families.contains(name)) {
      throw std::logic_error{"the metric " + std::string{name} + " is of another kind already"};
    }
    auto& family = families.try_emplace(std::string{name}, Family<M>{std::string{help}, {}}).first->second;
    std::sort(labels.begin(), labels.end());
    return family.metrics.try_emplace(std::move(labels), arguments...).first->second;
  }
};

Metrics::Metrics() : state_{std::make_unique<State>()} {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  return state_->get(state_->counters, name, help, labels);
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  return state_->get(state_->gauges, name, help, labels);
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, const Labels& labels,
                              const std::vector<double>& bounds) {
  return state_->get(state_->histograms, name, help, labels, bounds);
}

void Metrics::collect(std::function<std::vector<Sample>()> collector) {
  const std::lock_guard lock{state_->mutex};
  state_->collectors.push_back(std::move(collector));
}

std::string Metrics::expose() const {
  std::vector<MetricFamily> families;
  {
    const std::lock_guard lock{state_->mutex};
    append(families, state_->counters, MetricType::Counter);
    append(families, state_->gauges, MetricType::Gauge);
    append(families, state_->histograms, MetricType::Histogram);
  }
  for (const Sample& sample : collected()) append(families, sample);
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, families);
  return std::move(out).str();
}

std::vector<Sample> Metrics::collected() const {
  std::vector<Sample> samples;
  for (std::size_t i = 0;; ++i) {
    std::function<std::vector<Sample>()>* collector = nullptr;
    {
      const std::lock_guard lock{state_->mutex};
      if (i == state_->collectors.size()) return samples;
      collector = &state_->collectors[i];  // stays where it is: a deque that only grows
    }
    for (Sample& sample : (*collector)()) samples.push_back(std::move(sample));
  }
}

void Metrics::visit(const std::function<void(const View&)>& see) const {
  const std::lock_guard lock{state_->mutex};
  for (const auto& [name, family] : state_->counters)
    for (const auto& [labels, metric] : family.metrics) see({name, labels, &metric, nullptr, nullptr});
  for (const auto& [name, family] : state_->gauges)
    for (const auto& [labels, metric] : family.metrics) see({name, labels, nullptr, &metric, nullptr});
  for (const auto& [name, family] : state_->histograms)
    for (const auto& [labels, metric] : family.metrics) see({name, labels, nullptr, nullptr, &metric});
}

}  // namespace tidemark::telemetry
