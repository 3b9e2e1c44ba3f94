// What the simulation must find: services that are wrong, and stores that break what they promise, each by one
// mistake that ordinary tests do not show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "simulation/schedule.hpp"
#include "simulation/test_counting.hpp"
#include "store/delegating_store.hpp"

namespace tidemark::testing {
namespace {

using ::testing::HasSubstr;

// What the first violation says; empty when there is none.
std::string violation_of(const std::function<void()>& explore) {
  try {
    explore();
  } catch (const Violation& violation) {
    return violation.what();
  }
  return {};
}

// The store of each process, with a mistake.
template <class Broken>
simulation::UniverseOptions with(std::uint16_t instances = 1) {
  return {.partitions = instances, .instances = instances, .wrap = [](std::shared_ptr<store::Store> inner) {
            return std::make_shared<Broken>(std::move(inner));
          }};
}

// --- Services that are wrong ---

// Pays for each tick in the handler, by a provider that knows no keys: a run whose commit is lost has paid all the
// same.
class PaysInTheHandler : public Counting {
 public:
  PaysInTheHandler()
      : Counting{[this](Transaction& tx, const Tick& tick) {
          ++payments_;
          add(tx, tick);
        }} {}
  void check(Simulation& world) override {
    Counting::check(world);
    world.require(payments_ == TICKS, "paid " + std::to_string(payments_) + " times");
  }

 private:
  int payments_ = 0;
};

TEST(Bugs, AnEffectOutsideOfTheTransaction) {
  EXPECT_THAT(violation_of([] { every_crash<PaysInTheHandler>(); }), HasSubstr("paid "));
}

// The same with a provider that knows keys, as an author should have it.
class PaysByEffectKey : public Counting {
 public:
  PaysByEffectKey()
      : Counting{[this](Transaction& tx, const Tick& tick) {
          tx.durable();
          payments_.insert(tx.effect_key());
          add(tx, tick);
        }} {}
  void check(Simulation& world) override {
    Counting::check(world);
    world.require(payments_.size() == TICKS, "paid " + std::to_string(payments_.size()) + " times");
  }

 private:
  std::set<std::string> payments_;
};

TEST(Bugs, NoneInAnEffectByItsKey) {
  EXPECT_EQ(violation_of([] { every_crash<PaysByEffectKey>(); }), "");
  EXPECT_EQ(violation_of([] { random_schedules<PaysByEffectKey>({.seeds = 20}); }), "");
}

// Fails at first, as what depends on others does.
class FailsAtFirst : public Counting {
 public:
  FailsAtFirst()
      : Counting{[this](Transaction& tx, const Tick& tick) {
          if (seen_.insert(tx.effect_key()).second) throw Unavailable{"not yet"};
          add(tx, tick);
        }} {}

 private:
  std::set<std::string> seen_;
};

TEST(Bugs, NoneInAHandlerThatFailsAtFirst) {
  EXPECT_EQ(violation_of([] { every_crash<FailsAtFirst>(); }), "");
}

// --- Stores that break a promise ---

// Acknowledges what it hands over, before anybody has done anything about it.
class AcknowledgesEarly final : public store::DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  Result<model::Batch> fetch(const store::Subscription& by, std::uint32_t count, std::size_t bytes,
                             Instant deadline) override {
    auto batch = DelegatingStore::fetch(by, count, bytes, deadline);
    if (!batch || batch->deliveries.empty()) return batch;
    model::Commit acknowledgement{.partition = by.lease ? by.lease->partition : model::Partition{by.group}};
    for (const auto& delivery : batch->deliveries)
      acknowledgement.settlements.push_back(
          {.topic = by.topic, .group = by.group, .id = delivery.id, .token = delivery.token});
    TIDEMARK_TRY(DelegatingStore::commit(acknowledgement));
    return batch;
  }
  Result<model::Committed> commit(const model::Commit& commit) override {
    auto changes = commit;
    changes.settlements.clear();
    return DelegatingStore::commit(changes);
  }
};

TEST(Bugs, AnAcknowledgementBeforeTheWorkIsDone) {
  EXPECT_THAT(violation_of([] {
                simulation::every_crash([] { return std::make_unique<Counting>(); }, with<AcknowledgesEarly>());
              }),
              HasSubstr("a total of 2 of what was accepted"));
}

// Applies what a process commits although the event is another's by now.
class HasNoFence final : public store::DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  Result<model::Committed> commit(const model::Commit& commit) override {
    auto committed = DelegatingStore::commit(commit);
    if (committed || committed.error().code != ErrorCode::fenced) return committed;
    auto changes = commit;
    changes.settlements.clear();
    return DelegatingStore::commit(changes);
  }
};

TEST(Bugs, ACommitWithoutAFence) {
  const auto violation = violation_of([] {
    simulation::random_schedules([] { return std::make_unique<Counting>(); }, {.seeds = 500}, with<HasNoFence>(2));
  });
  EXPECT_THAT(violation, HasSubstr("a total of 4 of what was accepted"));
  EXPECT_THAT(violation, HasSubstr("stands still"));
}

// Says that everything is on disk.
class NeverWaits final : public store::DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  Result<void> wait_durable(Lsn) override { return {}; }
  bool is_durable(Lsn) const noexcept override { return true; }
};

TEST(Bugs, AnAnswerBeforeItIsOnDisk) {
  EXPECT_THAT(
      violation_of([] { simulation::every_crash([] { return std::make_unique<Counting>(); }, with<NeverWaits>()); }),
      HasSubstr("of what was accepted"));
}

// Knows of attempts only once they are over.
class CountsAfterTheRun final : public store::DelegatingStore {
 public:
  using DelegatingStore::DelegatingStore;
  Result<Lsn> record_attempt(const store::Subscription&, StreamId, std::uint64_t, std::uint32_t) override {
    return seen();
  }
};

// One of the ticks ends the process that handles it.
class Poisoned : public Counting {
 public:
  Poisoned()
      : Counting{[this](Transaction& tx, const Tick& tick) {
          if (tick.amount < 0) {
            tx.durable();  // or the event itself would be gone
            world_->crash();
          }
          add(tx, tick);
        }} {}
  void play(Simulation& world) override {
    world_ = &world;
    tick(world, R"({"id":"a","amount":1})", "good");
    tick(world, R"({"id":"a","amount":-1})", "poison");
    tick(world, R"({"id":"a","amount":1})", "good again");
  }
  void check(Simulation& world) override {
    world.require(total(world) == 2, "a total of " + std::to_string(total(world)));
    const auto letters = world.dead_letters();
    world.require(letters.size() == 1, std::to_string(letters.size()) + " dead letters");
    // A power failure behind the record of an attempt counts, too.
    const auto attempts = letters.front().attempts;
    world.require(attempts == 8 || attempts == 9, "given up after " + std::to_string(attempts));
  }

 private:
  Simulation* world_ = nullptr;
};

TEST(Bugs, NoneInAnEventThatEndsItsProcessAndIsGivenUpOn) {
  EXPECT_EQ(violation_of([] { every_crash<Poisoned>(); }), "");
}

TEST(Bugs, AnAttemptThatIsCountedAfterTheRun) {
  EXPECT_THAT(violation_of([] {
                simulation::every_crash([] { return std::make_unique<Poisoned>(); }, with<CountsAfterTheRun>());
              }),
              HasSubstr("has crashed 101 times"));
}

}  // namespace
}  // namespace tidemark::testing
