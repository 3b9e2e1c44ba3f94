#include "simulation/schedule.hpp"

#include <cstdlib>
#include <string>

#include "base/random.hpp"
#include "telemetry/log.hpp"

namespace tidemark::simulation {
namespace {

// Ids, tokens and jitter follow from the seed while it lives.
class SeedScope {
 public:
  explicit SeedScope(std::uint64_t seed) : outer_{thread_random()} { thread_random() = Random{seed}; }
  ~SeedScope() { thread_random() = outer_; }
  SeedScope(const SeedScope&) = delete;
  SeedScope& operator=(const SeedScope&) = delete;

 private:
  Random outer_;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Failures are what a simulation is about: only of a schedule that is replayed the logs are worth reading.
class LogScope {
 public:
  LogScope() {
    if (variable("TIDEMARK_SCHEDULE").empty()) log::set_level(log::Level::off);
  }
  ~LogScope() { log::set_level(outer_); }
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

 private:
  static log::Level lowest() {
    for (const auto level :
         {log::Level::trace, log::Level::debug, log::Level::info, log::Level::warn, log::Level::error})
      if (log::enabled(level)) return level;
    return log::Level::off;
  }
  const log::Level outer_ = lowest();
};

std::uint64_t seeds_of(const testing::RandomSchedules& schedules) {
  const auto wanted = variable("TIDEMARK_SEEDS");
  return wanted.empty() ? schedules.seeds : std::strtoull(wanted.c_str(), nullptr, 10);
}

}  // namespace

void play(const testing::MakeScenario& make, Plan& plan, const UniverseOptions& options, testing::Explored& explored) {
  const auto scenario = make();
  Universe universe{scenario->services(), plan, options};
  testing::Simulation world{universe};
  try {
    scenario->play(world);
    world.run_until_quiet();
    universe.be_calm();
    world.run_until_quiet();
    scenario->check(world);
  } catch (const testing::Violation&) {
    throw;
  } catch (const std::exception& error) {
    universe.violated(error.what());
  }
  // The first schedule is the one without misfortunes; the scenario itself may crash its world all the same.
  if (explored.schedules == 0 || universe.crashes() == 0) explored.changes = universe.changes();
  ++explored.schedules;
  explored.crashes += universe.crashes();
}

testing::Explored every_crash(const testing::MakeScenario& make, const UniverseOptions& options) {
  const LogScope logs;
  testing::Explored explored;
  const auto run = [&](OrderlyPlan plan) {
    const SeedScope same_each_time{1};
    play(make, plan, options, explored);
  };
  if (const auto only = OrderlyPlan::parse(variable("TIDEMARK_SCHEDULE"))) {
    run(*only);
    return explored;
  }
  run(OrderlyPlan{});
  const auto changes = explored.changes;
  for (std::uint64_t change = 1; change <= changes; ++change)
    for (const auto misfortune : {Misfortune::lose, Misfortune::keep}) run(OrderlyPlan{change, misfortune});
  return explored;
}

testing::Explored random_schedules(const testing::MakeScenario& make, const testing::RandomSchedules& schedules,
                                   const UniverseOptions& options) {
  const LogScope logs;
  testing::Explored explored;
  const auto run = [&](std::uint64_t seed) {
    const SeedScope follows_from{seed};
    RandomPlan plan{seed, schedules.misfortunes};
    play(make, plan, options, explored);
  };
  if (const auto only = RandomPlan::parse(variable("TIDEMARK_SCHEDULE"))) {
    run(*only);
    return explored;
  }
  for (std::uint64_t i = 0; i < seeds_of(schedules); ++i) run(schedules.first_seed + i);
  return explored;
}

}  // namespace tidemark::simulation

namespace tidemark::testing {

Explored every_crash(const MakeScenario& make, const EveryCrash& options) {
  return simulation::every_crash(make, {.partitions = options.partitions, .instances = 1, .wrap = {}});
}

Explored random_schedules(const MakeScenario& make, const RandomSchedules& options) {
  return simulation::random_schedules(make, options,
                                      {.partitions = options.partitions, .instances = options.instances, .wrap = {}});
}

}  // namespace tidemark::testing
