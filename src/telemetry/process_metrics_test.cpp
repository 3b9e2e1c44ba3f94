#include "telemetry/process_metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace tidemark::telemetry {
namespace {

double value_of(std::string_view name) {
  const auto samples = process_samples();
  const auto at = std::ranges::find(samples, name, &Sample::name);
  return at == samples.end() ? -1 : at->value;
}

TEST(ProcessMetrics, TellOfThisProcess) {
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GT(value_of("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GE(value_of("process_cpu_seconds_total"), 0);
  EXPECT_GE(value_of("process_open_fds"), 3);
  EXPECT_GE(value_of("process_max_fds"), value_of("process_open_fds"));
  EXPECT_LE(value_of("process_start_time_seconds"), now + 1);
  EXPECT_GT(value_of("process_start_time_seconds"), now - 24 * 3600) << "this test runs for a day?";
}

}  // namespace
}  // namespace tidemark::telemetry
