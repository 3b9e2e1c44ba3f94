// Random numbers: one seeded generator per owner, so that a simulation replays from its seed.
#pragma once
#include <cstdint>
#include <random>

namespace tidemark {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_{seed} {}
  // Seeded by the operating system.
  static Random from_entropy();

  std::uint64_t next() { return engine_(); }
  // Uniform in [0, bound); `bound` is at least 1.
  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>{0, bound - 1}(engine_);
  }
  // Uniform in [0, 1).
  double unit() { return std::uniform_real_distribution<double>{0, 1}(engine_); }

 private:
  std::mt19937_64 engine_;
};

// This thread's generator, seeded by the operating system. For ids and tokens where nothing is replayed.
Random& thread_random();

}  // namespace tidemark
