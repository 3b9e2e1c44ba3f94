// The engine through power losses: every commit that was reported durable is there, none in part, what survives is a
// prefix of the sequence; indexes are those of their documents, and what groups have pending is what was handed over.
//
// TIDEMARK_SEEDS says how many seeds are played (the default is below), TIDEMARK_FROM which is the first: a failure
// prints the seed that replays it. `make sim SEEDS=20000` plays so many on all cores.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <thread>

#include "base/assert.hpp"
#include "power_cuts.hpp"

namespace tidemark::engine {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t SEEDS = 200;
#else
constexpr std::uint64_t SEEDS = 4000;
#endif

std::uint64_t number_in_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(PowerCuts, LeaveWhatWasDurableAndAPrefixOfTheRest) {
  const auto first = number_in_environment("TIDEMARK_FROM", 1);
  const auto end = first + number_in_environment("TIDEMARK_SEEDS", SEEDS);
  std::atomic<std::uint64_t> next{first};
  std::atomic<int> failures{0};
  std::mutex mutex;  // guards `total`, and what is printed
  Tried total;
  const auto play = [&] {
    Tried tried;
    for (auto seed = next++; seed < end && failures < 5; seed = next++) {
      const auto wrong = play_power_cuts(seed, Sabotage::none, tried);
      if (wrong.empty()) continue;
      ++failures;
      const std::lock_guard lock{mutex};
      ADD_FAILURE() << wrong << "\nreplay: TIDEMARK_FROM=" << seed << " TIDEMARK_SEEDS=1 power_cuts_test";
    }
    const std::lock_guard lock{mutex};
    total.cuts += tried.cuts;
    total.commits += tried.commits;
    total.durable_commits += tried.durable_commits;
  };
  std::vector<std::thread> threads;
  for (auto left = std::max(1U, std::thread::hardware_concurrency()); left > 0; --left) threads.emplace_back(play);
  for (auto& thread : threads) thread.join();
  std::cout << "seeds " << first << " to " << end - 1 << ": " << total.cuts << " power cuts, " << total.commits
            << " commits, " << total.durable_commits << " of them durable before the cut\n";
  EXPECT_GT(total.durable_commits, 0u);
}

class Sabotaged : public testing::TestWithParam<Sabotage> {};

TEST_P(Sabotaged, EnginesAreNoticed) {
  Tried tried;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const auto wrong = play_power_cuts(seed, GetParam(), tried);
    if (wrong.empty()) continue;
    EXPECT_EQ(play_power_cuts(seed, Sabotage::none, tried), "") << "without sabotage, too";
    std::cout << "seed " << seed << ": " << wrong << '\n';
    return;
  }
  FAIL() << "500 seeds, and nothing was missed";
}

INSTANTIATE_TEST_SUITE_P(PowerCuts, Sabotaged,
                         testing::Values(Sabotage::log_syncs_lost, Sabotage::one_log_sync_lost,
                                         Sabotage::directory_syncs_lost, Sabotage::tidemark_moves_early));

}  // namespace
}  // namespace tidemark::engine
