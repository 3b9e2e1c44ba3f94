// When a failed event runs again.
#pragma once
#include "base/random.hpp"
#include "tidemark/service.hpp"

namespace tidemark::kit {

// The wait after failed run number `attempt` (1 for the first): first × 2^(attempt-1), at most at_most, less a random
// part of up to half of it.
Duration retry_delay(const Retry& retry, std::uint32_t attempt, Random& random);

}  // namespace tidemark::kit
