#include "kit/monitor/process_usage.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tidemark::kit {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1'000'000;
}

}  // namespace

// proc(5): the second number of statm is the resident pages.
std::optional<std::uint64_t> resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t size = 0, resident = 0;
  if (!(file >> size >> resident)) return std::nullopt;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::optional<std::uint64_t> thread_count() {
  std::ifstream file{"/proc/self/status"};
  for (std::string word; file >> word;) {
    std::uint64_t count = 0;
    if (word == "Threads:" && file >> count) return count;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> open_files() {
  std::error_code error;
  std::uint64_t count = 0;
  for (auto at = std::filesystem::directory_iterator{"/proc/self/fd", error}; !error && at != end(at);
       at.increment(error))
    ++count;
  if (error) return std::nullopt;
  return count;
}

std::optional<std::uint64_t> open_files_max() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return limit.rlim_cur;
}

double processor_seconds() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace tidemark::kit
