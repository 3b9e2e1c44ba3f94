// Measures the engine by itself and prints one line of JSON for each figure:
//
//   build/release/bin/bench_engine publish [seconds]      # durable publishes, beside a bare log
//   build/release/bin/bench_engine deliver [events]       # deliver, handle, acknowledge
//   build/release/bin/bench_engine documents [seconds]    # read, put, query
//   build/release/bin/bench_engine entries [count]        # memory, speed and restart of a long topic
//
// TMPDIR says on which disk. bench/run calls it and puts other programs' figures beside these.
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "engine/measure.hpp"

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  const double amount = argc > 2 ? std::atof(argv[2]) : 0;
  const auto or_else = [&](double otherwise) { return amount > 0 ? amount : otherwise; };
  try {
    if (what == "publish") return bench::measure_publishing(or_else(3)), 0;
    if (what == "deliver") return bench::measure_delivering(static_cast<std::uint64_t>(or_else(200'000))), 0;
    if (what == "documents") return bench::measure_documents(or_else(2)), 0;
    if (what == "entries") return bench::measure_entries(static_cast<std::uint64_t>(or_else(1'000'000))), 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_engine: %s\n", error.what());
    return 1;
  }
  std::fprintf(stderr, "usage: bench_engine publish|deliver|documents|entries [amount]\n");
  return 2;
}
