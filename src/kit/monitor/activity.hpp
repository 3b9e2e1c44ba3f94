// Activity: how fast what is counted goes on: rates and quantiles over the last seconds, from samples of the metrics
// that are taken each second. Counting itself costs nothing more for it.
//
//   Activity activity{metrics, clock};
//   activity.sample();   // each second (ActivitySampler)
//   activity.rate("tidemark_events_handled_total", {{"group", "invoices"}});         // per second, over 10 s
//   activity.quantile("tidemark_handler_seconds", {{"group", "invoices"}}, 0.99);    // seconds, or none
//
// Labels choose all series that have them, whatever others they have: these are taken together.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "telemetry/metrics.hpp"

namespace tidemark::kit {

// Any thread may call anything. What it keeps is bounded: 4 KiB for a histogram, 1 KiB for any other series, at most
// SERIES_MAX of them; further ones count as not there.
class Activity {
 public:
  static constexpr std::size_t SERIES_MAX = 4096;

  enum class Window { ten_seconds, minute };

  Activity(telemetry::Metrics& metrics, Clock& clock) : metrics_{metrics}, clock_{clock} {}
  Activity(const Activity&) = delete;
  Activity& operator=(const Activity&) = delete;

  // Looks at all metrics. Each second.
  void sample();
  // A count that is no metric, as it stands now. At any times; each second, if its rate is to be of the last 10 s.
  void note(std::string_view name, const telemetry::Labels& labels, double total);

  // What is no longer noted, and no longer among the metrics, counts as unknown soon after (is_over()).

  // By how much a counter has risen in a second, over the last 10 s, or since it was first seen. 0 for an unknown one.
  double rate(std::string_view counter, const telemetry::Labels& labels = {}) const;
  // The value below which the share `q` of what a histogram counted in the window was, between the bounds of its
  // buckets; of the last minute where that is asked for or nothing was counted in 10 s. None where nothing was then,
  // either.
  std::optional<double> quantile(std::string_view histogram, const telemetry::Labels& labels, double q,
                                 Window window = Window::ten_seconds) const;
  // The mean of what a histogram counted in the last 10 s; none where that was nothing.
  std::optional<double> mean(std::string_view histogram, const telemetry::Labels& labels = {}) const;
  // How much a histogram counted in the window.
  std::uint64_t count(std::string_view histogram, const telemetry::Labels& labels, Window window) const;
  // The newest value of a counter or gauge; none for an unknown one.
  std::optional<double> value(std::string_view name, const telemetry::Labels& labels = {}) const;

 private:
  // The last values of a ring that is written round and round.
  template <class T, std::size_t N>
  struct Ring {
    std::array<T, N> points;
    std::size_t count = 0;  // of all that were ever added

    void add(T point) { points[count++ % N] = std::move(point); }
    std::size_t size() const { return count < N ? count : N; }
    const T& back(std::size_t ago = 0) const { return points[(count - 1 - ago) % N]; }
  };
  struct Point {
    Instant at{};
    double value = 0;
  };
  struct Series {
    telemetry::Labels labels;
    Ring<Point, 12> points;
    bool of_metric = false;  // it is there as long as the metrics are
  };
  struct Counts {
    std::vector<std::uint64_t> cumulative;
    double sum = 0;
  };
  struct Histogram {
    telemetry::Labels labels;
    std::vector<double> bounds;
    Ring<Counts, 11> seconds;  // all that was counted so far, each second
    Ring<Counts, 13> fives;    // the same, each 5 s
  };

  Series* series(std::string_view name, const telemetry::Labels& labels, bool from_zero);
  Histogram* histogram(std::string_view name, const telemetry::Labels& labels, const std::vector<double>& bounds);
  void add(Series* series, double value);
  bool is_over(const Series& series) const;
  void forget_what_is_over();
  void add(Histogram* histogram, const Distribution& now);
  Distribution counted(std::string_view histogram, const telemetry::Labels& labels, Window window) const;

  telemetry::Metrics& metrics_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::size_t series_count_ = 0;
  std::uint64_t samples_ = 0;
  // Lists, so that what the metrics are known by keeps its address.
  std::map<std::string, std::vector<std::unique_ptr<Series>>, std::less<>> series_;
  std::map<std::string, std::vector<std::unique_ptr<Histogram>>, std::less<>> histograms_;
  std::unordered_map<const void*, Series*> of_metric_;
  std::unordered_map<const void*, Histogram*> of_histogram_;
};

}  // namespace tidemark::kit
