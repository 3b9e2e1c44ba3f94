// What a scenario is promised: misfortune strikes everywhere, time passes by itself, and every schedule can be played
// again.
#include "tidemark/simulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "simulation/schedule.hpp"
#include "simulation/test_counting.hpp"
#include "store/delegating_store.hpp"

namespace tidemark::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(EveryCrash, LosesNothingThatWasAcceptedAndCountsNothingTwice) {
  const auto explored = every_crash<Counting>();
  EXPECT_GT(explored.changes, 10u);
  EXPECT_EQ(explored.schedules, 1 + 2 * explored.changes);
  EXPECT_EQ(explored.crashes, 2 * explored.changes) << "the power did not fail at each change";
}

TEST(EveryCrash, HoldsWithSeveralPartitions) { EXPECT_GT(every_crash<Counting>({.partitions = 3}).changes, 10u); }

TEST(RandomSchedules, LoseNothingThatWasAcceptedAndCountNothingTwice) {
  const auto explored = random_schedules<Counting>({.seeds = 40});
  EXPECT_EQ(explored.schedules, 40u);
  EXPECT_GT(explored.crashes, 40u);
}

TEST(RandomSchedules, HoldInOneProcessWithItsStoreInside) {
  EXPECT_GT(random_schedules<Counting>({.seeds = 20, .instances = 1, .partitions = 1}).crashes, 0u);
}

// Sets a variable of the environment while it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_{name} { ::setenv(name, value.c_str(), 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

// Holds only in peace.
class Wrong : public Counting {
 public:
  void check(Simulation& world) override { world.require(world.crashes() == 0, "there was a crash"); }
};

std::string schedule_in(const std::string& violation) {
  const auto begin = violation.find("schedule: ") + 10;
  return violation.substr(begin, violation.find(' ', begin) - begin);
}

template <class Explore>
std::string violation_of(const Explore& explore) {
  try {
    explore();
  } catch (const Violation& violation) {
    return violation.what();
  }
  return {};
}

TEST(Violations, SayWhichScheduleAndThatOneAloneShowsThemAgain) {
  for (const auto& [kind, explore] :
       {std::pair{"crash:1:lost", std::function<void()>{[] { every_crash<Wrong>(); }}},
        std::pair{"seed:", std::function<void()>{[] { random_schedules<Wrong>({.seeds = 50}); }}}}) {
    const auto first = violation_of(explore);
    EXPECT_THAT(first, HasSubstr("there was a crash\n"));
    EXPECT_THAT(first, HasSubstr("what happened last:"));
    const auto schedule = schedule_in(first);
    EXPECT_THAT(schedule, HasSubstr(kind));
    const Variable only{"TIDEMARK_SCHEDULE", schedule};
    EXPECT_EQ(violation_of(explore), first) << "played again it went otherwise";
  }
}

// Notes every commit that a process makes.
class Noting final : public store::DelegatingStore {
 public:
  Noting(std::shared_ptr<store::Store> inner, std::vector<std::string>& notes)
      : DelegatingStore{std::move(inner)}, notes_{notes} {}
  Result<model::Committed> commit(const model::Commit& commit) override {
    std::string note = commit.partition.tag();
    for (const auto& document : commit.documents) note += " " + document.id + document.json.value_or("-");
    for (const auto& settled : commit.settlements) note += " " + settled.topic + settled.id.text();
    for (const auto& key : commit.keys) note += " " + key.key;
    notes_.push_back(note);
    return DelegatingStore::commit(commit);
  }

 private:
  std::vector<std::string>& notes_;
};

TEST(Schedules, FollowFromTheirSeeds) {
  for (const std::uint64_t seed : {3, 11, 19, 27}) {
    std::vector<std::vector<std::string>> runs(3);
    for (std::size_t i = 0; i < runs.size(); ++i)
      simulation::random_schedules(
          [] { return std::make_unique<Counting>(); }, {.seeds = 1, .first_seed = i < 2 ? seed : seed + 1},
          {.partitions = 4, .instances = 2, .wrap = [&runs, i](std::shared_ptr<store::Store> inner) {
             return std::make_shared<Noting>(std::move(inner), runs[i]);
           }});
    EXPECT_FALSE(runs[0].empty());
    EXPECT_EQ(runs[0], runs[1]);
    EXPECT_NE(runs[0], runs[2]);
  }
}

// --- Time ---

// The first tick of each id sets a timer that adds ten times as much ten minutes later.
class Reminding : public Counting {
 public:
  Reminding()
      : Counting{[](Transaction& tx, const Tick& tick) {
          if (tick.amount == 1) tx.publish_after(10min, Tick{tick.id, 10});
          add(tx, tick);
        }} {}
  void play(Simulation& world) override { tick(world, R"({"id":"a","amount":1})", "only"); }
  void check(Simulation& world) override {
    world.require(total(world) == 11, "a total of " + std::to_string(total(world)));
  }
};

TEST(Time, PassesUntilTimersHaveFiredOnce) { every_crash<Reminding>(); }

class Failing : public Counting {
 public:
  Failing() : Counting{[](Transaction&, const Tick&) { throw Unavailable{"never"}; }} {}
  void check(Simulation& world) override {
    const auto letters = world.dead_letters();
    world.require(letters.size() == TICKS, std::to_string(letters.size()) + " dead letters");
    for (const auto& letter : letters)
      world.require(letter.attempts == 8 && letter.topic == "ticked.counter.dead",
                    "given up after " + std::to_string(letter.attempts) + ": " + letter.error);
  }
};

TEST(Time, PassesThroughAllRetriesToTheDeadLetters) { every_crash<Failing>(); }

// Fails until an operator has mended what it needs, and has given up by then.
class Mended : public Counting {
 public:
  Mended()
      : Counting{[this](Transaction& tx, const Tick& tick) {
          if (!mended_) throw Unavailable{"not mended"};
          add(tx, tick);
        }} {}
  void play(Simulation& world) override {
    tick(world, R"({"id":"a","amount":1})", "only");
    const std::string letters = "/admin/v1/dead-letters/ticked/counter";
    std::string list;
    world.wait_until([&] {
      list = world.request_until_answered("counter", "GET", letters).body;
      return list.find(R"("id":")") != list.npos;
    });
    mended_ = true;
    const auto begin = list.find(R"("id":")") + 6;
    const auto id = list.substr(begin, list.find('"', begin) - begin);
    // Repeated after a redrive whose answer was lost it finds nothing.
    const auto status = world.request_until_answered("counter", "POST", letters + "/" + id + "/redrive").status;
    world.require(status < 300 || status == 404, "the redrive was refused: " + std::to_string(status));
  }
  void check(Simulation& world) override {
    world.require(total(world) == 1, "a total of " + std::to_string(total(world)));
    world.require(world.dead_letters().empty(), "the dead letter is still there");
  }

 private:
  bool mended_ = false;
};

TEST(DeadLetters, AreRedrivenOnceAsAnOperatorWould) { every_crash<Mended>(); }

// --- Requests ---

// Counts how requests that were sent once ended.
class Impatient : public Counting {
 public:
  explicit Impatient(int& unanswered) : unanswered_{unanswered} {}
  void play(Simulation& world) override {
    const auto status = world.request("counter", "POST", "/ticks", R"({"id":"a","amount":1})").status;
    world.require(status == 202 || status == 0, "status " + std::to_string(status));
    if (status == 0) ++unanswered_;
    accepted_ = status == 202;
  }
  void check(Simulation& world) override {
    world.require(total(world) == 1 || (!accepted_ && total(world) == 0), "a total of " + std::to_string(total(world)));
  }

 private:
  int& unanswered_;
  bool accepted_ = false;
};

TEST(Requests, AreNotAnsweredByAProcessThatHasCrashed) {
  int unanswered = 0;
  every_crash([&] { return std::make_unique<Impatient>(unanswered); });
  EXPECT_GE(unanswered, 2) << "its commit was not on disk, or on disk and nobody had heard of it";
}

TEST(Requests, SayWhatTheEdgeWouldSay) {
  class Asking : public Counting {
   public:
    void play(Simulation& world) override {
      EXPECT_EQ(world.request("counter", "POST", "/ticks", R"({"id":)").status, 400);
      EXPECT_EQ(world.request("counter", "POST", "/ticks", R"({"amount":"many"})").status, 422);
      EXPECT_EQ(world.request("counter", "PUT", "/ticks").status, 405);
      EXPECT_EQ(world.request("counter", "GET", "/nowhere").status, 404);
      EXPECT_EQ(world.request("counter", "GET", "/sums/a%20b?x=1").status, 200);
      EXPECT_THROW(world.request("nobody", "GET", "/"), NotFound);
      Counting::play(world);
    }
  };
  simulation::OrderlyPlan undisturbed;
  Explored explored;
  simulation::play([] { return std::make_unique<Asking>(); }, undisturbed, {}, explored);
  EXPECT_EQ(explored.schedules, 1u);
}

}  // namespace
}  // namespace tidemark::testing
