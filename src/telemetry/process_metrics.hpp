// What Prometheus's client libraries tell of the process that they are in, by the same names.
#pragma once
#include <vector>

#include "telemetry/metrics.hpp"

namespace tidemark::telemetry {

// CPU time, memory, file descriptors and the start, as Linux has them in /proc; without those that can't be read there.
// For Metrics::collect().
std::vector<Sample> process_samples();

}  // namespace tidemark::telemetry
