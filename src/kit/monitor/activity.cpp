#include "kit/monitor/activity.hpp"

#include <algorithm>
#include <numeric>

namespace tidemark::kit {
namespace {

constexpr Duration RATE_WINDOW = std::chrono::seconds{10};
// A sample that came late must not fall out of its window.
constexpr Duration LATE_AT_MOST = std::chrono::milliseconds{500};
// How long a series may be that was noted only once.
constexpr Duration ONCE = std::chrono::minutes{1};
// So many times the time between the last two points may pass without another one.
constexpr int MISSED_AT_MOST = 3;
constexpr std::size_t SECONDS_IN_WINDOW = 10;
constexpr std::size_t FIVES_IN_MINUTE = 12;
constexpr std::uint64_t SECONDS_OF_FIVE = 5;

bool has_all(const telemetry::Labels& labels, const telemetry::Labels& wanted) {
  return std::ranges::all_of(wanted,
                             [&](const auto& label) { return std::ranges::find(labels, label) != labels.end(); });
}

// All that `all` has for a name and labels, in the order of their coming.
template <class Map, class See>
void for_each(const Map& all, std::string_view name, const telemetry::Labels& labels, const See& see) {
  const auto family = all.find(name);
  if (family == all.end()) return;
  for (const auto& one : family->second)
    if (has_all(one->labels, labels)) see(*one);
}

}  // namespace

Activity::Series* Activity::series(std::string_view name, const telemetry::Labels& labels, bool from_zero) {
  auto& family = series_[std::string{name}];
  const auto found = std::ranges::find_if(family, [&](const auto& one) { return one->labels == labels; });
  if (found != family.end()) return found->get();
  if (series_count_ == SERIES_MAX) return nullptr;
  ++series_count_;
  auto& made = family.emplace_back(std::make_unique<Series>());
  made->labels = labels;
  // What a metric of ours had counted when it was first seen, it counted since the sample before.
  if (from_zero) made->points.add({clock_.instant() - std::chrono::seconds{1}, 0});
  return made.get();
}

Activity::Histogram* Activity::histogram(std::string_view name, const telemetry::Labels& labels,
                                         const std::vector<double>& bounds) {
  auto& family = histograms_[std::string{name}];
  const auto found = std::ranges::find_if(family, [&](const auto& one) { return one->labels == labels; });
  if (found != family.end()) return found->get();
  if (series_count_ == SERIES_MAX) return nullptr;
  ++series_count_;
  auto& made = family.emplace_back(std::make_unique<Histogram>());
  made->labels = labels;
  made->bounds = bounds;
  const Counts nothing{.cumulative = std::vector<std::uint64_t>(bounds.size() + 1), .sum = 0};
  made->seconds.add(nothing);
  made->fives.add(nothing);
  return made.get();
}

void Activity::add(Series* series, double value) {
  if (series != nullptr) series->points.add({clock_.instant(), value});
}

// A group that was expired, a topic that was removed: what was last said of it is no longer true.
bool Activity::is_over(const Series& series) const {
  const auto& points = series.points;
  if (points.size() == 0) return false;
  const auto silent = clock_.instant() - points.back().at;
  if (points.size() == 1) return silent > ONCE;
  return silent > RATE_WINDOW + (points.back().at - points.back(1).at) * MISSED_AT_MOST;
}

void Activity::forget_what_is_over() {
  for (auto& [name, family] : series_)
    series_count_ -= std::erase_if(family, [&](const auto& one) { return !one->of_metric && is_over(*one); });
}

void Activity::add(Histogram* histogram, const Distribution& now) {
  if (histogram == nullptr) return;
  const Counts counts{.cumulative = now.cumulative, .sum = now.sum};
  if (samples_ % SECONDS_OF_FIVE == 0) histogram->fives.add(counts);
  histogram->seconds.add(counts);
}

void Activity::sample() {
  const auto collected = metrics_.collected();
  const std::lock_guard lock{mutex_};
  ++samples_;
  metrics_.visit([this](const telemetry::Metrics::View& metric) {
    if (metric.histogram != nullptr) {
      auto [known, is_new] = of_histogram_.try_emplace(metric.histogram, nullptr);
      if (is_new) known->second = histogram(metric.name, metric.labels, metric.histogram->bounds());
      add(known->second, metric.histogram->snapshot());
      return;
    }
    const void* address =
        metric.counter != nullptr ? static_cast<const void*>(metric.counter) : static_cast<const void*>(metric.gauge);
    auto [known, is_new] = of_metric_.try_emplace(address, nullptr);
    if (is_new) known->second = series(metric.name, metric.labels, metric.counter != nullptr);
    if (known->second != nullptr) known->second->of_metric = true;
    add(known->second,
        metric.counter != nullptr ? static_cast<double>(metric.counter->value()) : metric.gauge->value());
  });
  for (const auto& sample : collected) {
    if (const auto& told = sample.distribution) {
      add(histogram(sample.name, sample.labels, told->bounds), *told);
    } else {
      add(series(sample.name, sample.labels, false), sample.value);
    }
  }
  forget_what_is_over();
}

void Activity::note(std::string_view name, const telemetry::Labels& labels, double total) {
  const std::lock_guard lock{mutex_};
  add(series(name, labels, false), total);
}

double Activity::rate(std::string_view counter, const telemetry::Labels& labels) const {
  const std::lock_guard lock{mutex_};
  double sum = 0;
  for_each(series_, counter, labels, [&](const Series& series) {
    const auto& points = series.points;
    if (points.size() < 2 || is_over(series)) return;
    const auto& newest = points.back();
    std::size_t ago = 1;
    while (ago + 1 < points.size() && newest.at - points.back(ago + 1).at <= RATE_WINDOW + LATE_AT_MOST) ++ago;
    const auto& oldest = points.back(ago);
    const double seconds = std::chrono::duration<double>(newest.at - oldest.at).count();
    // A store that began anew counts from 0 again.
    if (seconds > 0 && newest.value > oldest.value) sum += (newest.value - oldest.value) / seconds;
  });
  return sum;
}

// What the chosen histograms counted in the window; their bounds are those of the first of them.
Distribution Activity::counted(std::string_view histogram, const telemetry::Labels& labels, Window window) const {
  Distribution all;
  for_each(histograms_, histogram, labels, [&](const Histogram& one) {
    if (all.cumulative.empty()) {
      all.bounds = one.bounds;
      all.cumulative.resize(one.bounds.size() + 1);
    }
    if (one.bounds != all.bounds) return;
    const auto& newest = one.seconds.back();
    const auto& oldest = window == Window::ten_seconds
                             ? one.seconds.back(std::min(SECONDS_IN_WINDOW, one.seconds.size() - 1))
                             : one.fives.back(std::min(FIVES_IN_MINUTE, one.fives.size() - 1));
    for (std::size_t i = 0; i < all.cumulative.size(); ++i)
      all.cumulative[i] += newest.cumulative[i] - oldest.cumulative[i];
    all.sum += newest.sum - oldest.sum;
  });
  return all;
}

std::uint64_t Activity::count(std::string_view histogram, const telemetry::Labels& labels, Window window) const {
  const std::lock_guard lock{mutex_};
  return counted(histogram, labels, window).count();
}

std::optional<double> Activity::mean(std::string_view histogram, const telemetry::Labels& labels) const {
  const std::lock_guard lock{mutex_};
  const auto of = counted(histogram, labels, Window::ten_seconds);
  return of.count() == 0 ? std::nullopt : std::optional{of.sum / static_cast<double>(of.count())};
}

std::optional<double> Activity::quantile(std::string_view histogram, const telemetry::Labels& labels, double q,
                                         Window window) const {
  const std::lock_guard lock{mutex_};
  auto of = counted(histogram, labels, window);
  if (of.count() == 0) of = counted(histogram, labels, Window::minute);
  if (of.count() == 0) return std::nullopt;
  const auto& [bounds, counts, sum] = of;
  const double wanted = q * static_cast<double>(of.count());
  const auto bucket = static_cast<std::size_t>(
      std::ranges::find_if(counts, [&](std::uint64_t count) { return static_cast<double>(count) >= wanted; }) -
      counts.begin());
  if (bucket >= bounds.size()) return bounds.empty() ? std::nullopt : std::optional{bounds.back()};
  const double from = bucket == 0 ? 0 : bounds[bucket - 1];
  const double below = bucket == 0 ? 0 : static_cast<double>(counts[bucket - 1]);
  const double within = static_cast<double>(counts[bucket]) - below;
  return within <= 0 ? bounds[bucket] : from + (bounds[bucket] - from) * (wanted - below) / within;
}

std::optional<double> Activity::value(std::string_view name, const telemetry::Labels& labels) const {
  const std::lock_guard lock{mutex_};
  std::optional<double> sum;
  for_each(series_, name, labels, [&](const Series& series) {
    if (series.points.size() > 0 && !is_over(series)) sum = sum.value_or(0) + series.points.back().value;
  });
  return sum;
}

}  // namespace tidemark::kit
