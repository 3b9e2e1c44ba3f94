#include "kit/dispatch/retry.hpp"

#include <algorithm>

namespace tidemark::kit {

Duration retry_delay(const Retry& retry, std::uint32_t attempt, Random& random) {
  // Doubled one by one, so that it stops at the limit before it could overflow.
  Duration delay = retry.first;
  for (std::uint32_t i = 1; i < attempt && delay < retry.at_most; ++i) delay *= 2;
  delay = std::min(delay, retry.at_most);
  const auto jitter = static_cast<Duration::rep>(static_cast<double>(delay.count()) / 2 * random.unit());
  return std::max(Duration{1}, delay - Duration{jitter});
}

}  // namespace tidemark::kit
