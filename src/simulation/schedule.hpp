// Schedules: one after the other, each in a universe of its own.
#pragma once
#include "simulation/universe.hpp"
#include "tidemark/simulation.hpp"

namespace tidemark::simulation {

// Plays the scenario by the plan until all is quiet, and checks it. Adds what was tried. Throws Violation.
void play(const testing::MakeScenario& make, Plan& plan, const UniverseOptions& options, testing::Explored& explored);

// As testing::every_crash and testing::random_schedules, with something between each process and its store.
testing::Explored every_crash(const testing::MakeScenario& make, const UniverseOptions& options);
testing::Explored random_schedules(const testing::MakeScenario& make, const testing::RandomSchedules& schedules,
                                   const UniverseOptions& options);

}  // namespace tidemark::simulation
