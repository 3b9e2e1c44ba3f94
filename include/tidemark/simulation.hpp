// For the tests of services: crashes at every point, and schedules of random misfortune, on a virtual clock and a
// simulated disk. The services are the real ones, endpoints and handlers; nothing of the test is a sleep, and every
// schedule that fails can be run again, alone.
//
//   struct Sales : tidemark::testing::Scenario {
//     std::vector<const Service*> services() override { return {&inventory, &payments}; }
//     void play(Simulation& world) override {                          // what clients do
//       const auto made = world.request_until_answered("inventory", "POST", "/products",
//                                                      R"({"name":"Lamp","price":10,"quantity_available":5})",
//                                                      {{"Idempotency-Key", "lamp"}});
//       …
//     }
//     void check(Simulation& world) override {                         // what must hold when all is quiet
//       world.require(stock(world) + sold(world) == 5, "stock and sales don't add up");
//     }
//     Provider provider;                                               // survives crashes, as a real one does
//     Service inventory = make_inventory(), payments = make_payments(provider);
//   };
//   TEST(Sales, HoldThroughEveryCrash) { tidemark::testing::every_crash<Sales>(); }
//   TEST(Sales, HoldThroughMisfortune) { tidemark::testing::random_schedules<Sales>({.seeds = 200}); }
//
// docs/testing.md is the guide. Link with tidemark::simulation.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidemark/testing.hpp"
#include "tidemark/time.hpp"

namespace tidemark::simulation {
class Universe;
}

namespace tidemark::testing {

// Something that must hold does not, or the services come to no rest. The text says what, in which schedule, how to
// replay that one alone, and what happened last.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// An event that a handler has given up on.
struct DeadLetter {
  std::string topic;  // of the dead letters: "order_placed.payments.dead"
  std::string event_id;
  std::string error;
  std::uint32_t attempts = 0;
};

// The world of one schedule, as the scenario sees it. On the thread that runs the test; the virtual clock moves only in
// these calls, when nothing else can go on.
class Simulation {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // --- What clients do ---

  // One request, to some process that serves the service; waits until there is one. A status of 0 is no answer, because
  // the process has crashed meanwhile or did not answer within 30 s: then nobody knows whether it took effect.
  Reply request(std::string_view service, std::string_view method, std::string_view path, std::string_view body = {},
                const Headers& headers = {});
  // The same request once a second, as patient clients do, until there is an answer other than 429, 502, 503 and 504.
  // Give it an Idempotency-Key where repeating it must do nothing. Throws Violation after an hour.
  Reply request_until_answered(std::string_view service, std::string_view method, std::string_view path,
                               std::string_view body = {}, const Headers& headers = {});

  // --- Time ---

  // Lets everything run for so long.
  void wait(Duration time);
  // Lets everything run until `holds()`, which is asked between two steps. Throws Violation after `limit`.
  void wait_until(const std::function<bool()>& holds, Duration limit = std::chrono::hours{1});
  // Lets everything run until no event waits for a handler, no timer is set, and all is durable. Throws Violation an
  // hour after the last timer was due.
  void run_until_quiet();
  TimePoint now() const;

  // --- Misfortune by hand ---

  // From a handler or an endpoint: its process ends here, as by kill -9 (it does not return). From play(): the power
  // fails. Everything starts again by itself.
  void crash();

  // --- What came of it ---

  // Throws Violation with this text where `holds` is false.
  void require(bool holds, std::string_view what);
  // All there are, on disk or not yet, oldest first within a topic.
  std::vector<DeadLetter> dead_letters();
  // How often a process, or all of them, has crashed.
  std::uint32_t crashes() const;
  // The name of the schedule: what TIDEMARK_SCHEDULE takes to replay it.
  std::string schedule() const;

  explicit Simulation(simulation::Universe& universe) : universe_{universe} {}
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

 private:
  simulation::Universe& universe_;
};

// What a test plays. Made anew for each schedule; what it holds survives the crashes within one: the services, and what
// stands outside of the store (a payment provider, what clients were told).
class Scenario {
 public:
  virtual ~Scenario() = default;
  // The services, which run together in each process. They and what they refer to are members of the scenario.
  virtual std::vector<const Service*> services() = 0;
  // What clients do. Misfortune strikes anywhere within, and until all is quiet afterwards.
  virtual void play(Simulation& world) = 0;
  // What must hold when all is quiet; nothing crashes any more. Any exception is a violation.
  virtual void check(Simulation& world) = 0;
};

using MakeScenario = std::function<std::unique_ptr<Scenario>()>;

// How much was tried.
struct Explored {
  std::uint64_t schedules = 0;
  std::uint64_t crashes = 0;
  std::uint64_t changes = 0;  // of the store, in the schedule without misfortune
};

struct EveryCrash {
  std::uint16_t partitions = 1;  // of each service
};

// One process, the store inside it. Plays the scenario without misfortune and counts the changes of the store (commits,
// hand-overs of events, recorded attempts, declarations); then plays it twice for each of them: the power fails before
// that change is on disk, and all that was not is gone; and the power fails when it is, before anybody hears of it. The
// process starts again, and everything runs until it is quiet. Throws Violation at the first check that fails.
//
// TIDEMARK_SCHEDULE=crash:17:lost (or :kept) in the environment runs that one alone.
Explored every_crash(const MakeScenario& make, const EveryCrash& options = {});

struct RandomSchedules {
  std::uint64_t seeds = 100;      // how many schedules; TIDEMARK_SEEDS in the environment wins
  std::uint64_t first_seed = 1;   // each schedule follows from its seed alone
  std::uint16_t instances = 2;    // processes that share one store, and the services' partitions
  std::uint16_t partitions = 4;   // of each service
  std::uint32_t misfortunes = 6;  // at most, in one schedule
};

// Several processes on one store that is not theirs: what a schedule does next follows from its seed. Processes are
// killed before or after a change, or stand still until their leases have run out and others have their work; the disk
// takes its time, and the power fails. Throws Violation at the first check that fails.
//
// TIDEMARK_SCHEDULE=seed:42 in the environment runs that one alone.
Explored random_schedules(const MakeScenario& make, const RandomSchedules& options = {});

template <class S>
Explored every_crash(const EveryCrash& options = {}) {
  return every_crash([] { return std::make_unique<S>(); }, options);
}
template <class S>
Explored random_schedules(const RandomSchedules& options = {}) {
  return random_schedules([] { return std::make_unique<S>(); }, options);
}

}  // namespace tidemark::testing
