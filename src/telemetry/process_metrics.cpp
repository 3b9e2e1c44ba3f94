#include "telemetry/process_metrics.hpp"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace tidemark::telemetry {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// A field of /proc/self/stat, counted from 1 as proc(5) does; the second is the name, in parentheses.
std::optional<std::uint64_t> stat_field(int number) {
  std::ifstream file{"/proc/self/stat"};
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  auto at = text.rfind(')');
  for (int field = 2; at != text.npos && field < number; ++field) at = text.find(' ', at + 1);
  if (at == text.npos) return std::nullopt;
  return std::strtoull(text.c_str() + at, nullptr, 10);
}

std::optional<double> booted() {
  std::ifstream file{"/proc/stat"};
  for (std::string word; file >> word;)
    if (double value = 0; word == "btime" && file >> value) return value;
  return std::nullopt;
}

}  // namespace

std::vector<Sample> process_samples() {
  std::vector<Sample> samples;
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0)
    samples.push_back({"process_cpu_seconds_total",
                       "CPU time spent, in user and system mode.",
                       true,
                       {},
                       seconds(usage.ru_utime) + seconds(usage.ru_stime)});
  if (const auto pages = stat_field(24))
    samples.push_back({"process_resident_memory_bytes",
                       "Memory in RAM.",
                       false,
                       {},
                       static_cast<double>(*pages) * static_cast<double>(::sysconf(_SC_PAGESIZE))});
  std::error_code error;
  const std::filesystem::directory_iterator descriptors{"/proc/self/fd", error};
  if (!error)
    samples.push_back({"process_open_fds",
                       "Open file descriptors.",
                       false,
                       {},
                       static_cast<double>(std::distance(begin(descriptors), end(descriptors)))});
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    samples.push_back(
        {"process_max_fds", "How many file descriptors it may have.", false, {}, static_cast<double>(limit.rlim_cur)});
  const auto ticks = stat_field(22);
  if (const auto boot = booted(); boot && ticks)
    samples.push_back({"process_start_time_seconds",
                       "When it started, since 1970.",
                       false,
                       {},
                       *boot + static_cast<double>(*ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK))});
  return samples;
}

}  // namespace tidemark::telemetry
