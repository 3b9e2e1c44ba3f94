#include "base/random.hpp"

namespace tidemark {

Random Random::from_entropy() {
  std::random_device device;
  return Random{std::uint64_t{device()} << 32 | device()};
}

Random& thread_random() {
  thread_local Random random = Random::from_entropy();
  return random;
}

}  // namespace tidemark
