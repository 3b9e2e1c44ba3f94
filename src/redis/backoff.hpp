// Backoff: growing, jittered pauses between attempts, so that many clients do not come back at the same moment.
#pragma once
#include <algorithm>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace tidemark::redis {

class Backoff {
 public:
  // `attempts` were made already.
  Backoff(Duration first, Duration at_most, Random& random, int attempts = 0)
      : first_{first}, at_most_{at_most}, random_{random}, attempts_{attempts} {}

  // The pause before the next attempt: between half of and all of first, 2 × first, 4 × first, … at_most.
  Duration next() {
    const Duration whole = std::min(at_most_, first_ * (std::int64_t{1} << std::min(attempts_, DOUBLINGS_AT_MOST)));
    ++attempts_;
    const auto half = static_cast<std::uint64_t>(whole.count() / 2);
    return Duration{whole.count() - static_cast<std::int64_t>(random_.below(half + 1))};
  }
  void reset() noexcept { attempts_ = 0; }

 private:
  static constexpr int DOUBLINGS_AT_MOST = 20;  // an hour of milliseconds is far below 2^63 >> 20

  Duration first_, at_most_;
  Random& random_;
  int attempts_;
};

}  // namespace tidemark::redis
