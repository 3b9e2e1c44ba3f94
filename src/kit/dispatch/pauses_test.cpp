// Groups that are paused and resumed: what stops, what stays, and what comes again.
#include "kit/dispatch/pauses.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "kit/testing/test_groups.hpp"

namespace tidemark::kit {
namespace {

TEST(Pauses, LetNothingMoreBeginAndWhatRunsEnd) {
  Scene scene;
  const auto process = scene.start("one");
  scene.takes = 5s;
  scene.publish("a", 1);
  EXPECT_EQ(scene.begun, 1);
  const auto pause = scene.pause();
  scene.publish("b", 2);
  scene.publish("a", 3);
  scene.advance(2s);
  EXPECT_FALSE(scene.rests(pause));
  const int begun = scene.begun;  // what came before it was seen
  scene.advance(20s);
  EXPECT_EQ(scene.begun, begun);
  EXPECT_TRUE(scene.rests(pause));
  scene.publish("c", 4);
  scene.advance(1min);
  EXPECT_EQ(scene.begun, begun);

  scene.takes = {};
  EXPECT_TRUE(scene.resume());
  scene.advance(2s);
  auto handled = scene.handled();
  std::ranges::sort(handled);
  EXPECT_EQ(handled, (std::vector{1, 2, 3, 4}));
}

TEST(Pauses, HoldAtOnceWhereTheyAreLookedAt) {
  Scene scene;
  const auto process = scene.start("one");
  const auto pause = scene.pause();
  look(scene, *process);
  scene.publish("a", 1);
  EXPECT_EQ(scene.begun, 0);
  EXPECT_TRUE(scene.rests(pause));
}

TEST(Pauses, HoldForAllProcessesAndThoseThatComeLater) {
  Scene scene;
  auto one = scene.start("one");
  auto two = scene.start("two");
  const auto pause = scene.pause();
  scene.advance(2s);
  EXPECT_TRUE(scene.rests(pause));
  scene.publish("a", 1);
  one.reset();  // the partition's lease moves
  scene.advance(10s);
  kill(two);
  scene.advance(10s);
  const auto three = scene.start("three");
  scene.advance(10s);
  EXPECT_EQ(scene.begun, 0);
  scene.resume();
  scene.advance(2s);
  EXPECT_EQ(scene.handled(), std::vector{1});
}

TEST(Pauses, OfSeveralPartitionsHoldForAllOfThem) {
  Scene scene{4};
  const auto one = scene.start("one"), two = scene.start("two");
  scene.advance(10s);
  const auto pause = scene.pause();
  scene.advance(2s);
  for (std::uint16_t partition = 0; partition < 4; ++partition) EXPECT_TRUE(scene.rests(pause, partition));
  for (int i = 0; i < 20; ++i) scene.publish(std::to_string(i), i);
  scene.advance(10s);
  EXPECT_EQ(scene.begun, 0);
  scene.resume();
  scene.advance(5s);
  EXPECT_EQ(scene.handled().size(), 20u);
}

TEST(Pauses, KeepWhatIsPendingWithItsAttemptsAndItsOrder) {
  Scene scene;
  const auto process = scene.start("one");
  scene.failures = {{1, 2}};
  scene.publish("a", 1);
  scene.publish("a", 2);
  scene.publish("b", 3);
  EXPECT_EQ(scene.attempts, (std::vector{1, 1}));
  scene.pause();
  look(scene, *process);
  scene.advance(30s);
  EXPECT_EQ(scene.pending().size(), 2u);
  EXPECT_EQ(scene.begun, 2);
  scene.resume();
  scene.advance(10s);
  EXPECT_EQ(scene.handled(), (std::vector{3, 1, 2}));
  EXPECT_EQ(scene.attempts, (std::vector{1, 1, 2, 3, 1})) << "the attempt before the pause counts";
}

TEST(Pauses, StayAsTheyWereWhenPausedAgain) {
  Scene scene;
  const auto first = scene.pause("the first");
  scene.advance(1s);
  EXPECT_EQ(scene.pause("the second"), first);
  EXPECT_EQ(first.reason, "the first");
  EXPECT_TRUE(scene.resume());
  EXPECT_FALSE(scene.resume());
  const auto second = scene.pause("the second");
  EXPECT_NE(second.id, first.id);
  EXPECT_FALSE(scene.rests(first));
}

// Where others are faster: they act before the first commit.
class SlowStore final : public DelegatingStore {
 public:
  SlowStore(std::shared_ptr<store::Store> inner, std::function<void()> meanwhile)
      : DelegatingStore{std::move(inner)}, meanwhile_{std::move(meanwhile)} {}
  Result<model::Committed> commit(const model::Commit& commit) override {
    if (const auto act = std::exchange(meanwhile_, nullptr)) act();
    return DelegatingStore::commit(commit);
  }

 private:
  std::function<void()> meanwhile_;
};

TEST(Pauses, AreNotResumedByThoseWhoSawAnEarlierOne) {
  Scene scene;
  scene.pause("the first");
  std::optional<Pause> second;
  SlowStore slow{scene.inner(), [&] {
                   Pauses others{*scene.inner(), scene.clock()};
                   EXPECT_TRUE(others.resume("noted", "notes").or_raise());
                   second = others.pause("noted", "notes", "the second", "another").or_raise();
                 }};
  const auto resumed = scene.at_store([&](store::Store&) {
    return Pauses{slow, scene.clock()}.resume("noted", "notes").or_raise();
  });
  EXPECT_FALSE(resumed);
  const auto now = scene.at_store([&](store::Store& store) {
    return Pauses{store, scene.clock()}.find("noted", "notes").or_raise();
  });
  EXPECT_EQ(now, second);
  EXPECT_TRUE(scene.resume());
}

TEST(Pauses, TakenBackWhileARunEndsLetItGoOn) {
  Scene scene;
  const auto process = scene.start("one");
  scene.takes = 10s;
  scene.publish("a", 1);
  scene.publish("a", 2);
  scene.pause();
  scene.advance(2s);
  scene.resume();
  scene.advance(1min);
  EXPECT_EQ(scene.handled(), (std::vector{1, 2}));
}

TEST(Pauses, DoNotHoldUpAProcessThatStops) {
  Scene scene;
  auto process = scene.start("one");
  scene.takes = 20s;
  scene.publish("a", 1);
  scene.pause();
  scene.advance(2s);
  process.reset();  // within its second
  scene.takes = {};
  scene.resume();
  const auto other = scene.start("two");
  scene.advance(10s);
  EXPECT_EQ(scene.handled(), std::vector{1});
}

TEST(Pauses, HoldBackRetention) {
  Scene scene;
  const auto process = scene.start("one");
  scene.pause();
  scene.advance(2s);
  scene.at_store([](store::Store& store) {
    store.declare_topic({.name = "noted", .retention = {.age = {}, .count = 1, .bytes = {}}}).or_raise();
    return 0;
  });
  for (int i = 0; i < 50; ++i) scene.publish("a", i);
  scene.at_store([](store::Store& store) { return store.maintain().or_raise(); });
  scene.resume();
  scene.advance(5s);
  EXPECT_EQ(scene.handled(), first_numbers(50));
}

TEST(Pauses, ThatCantBeReadHold) {
  Scene scene;
  const auto process = scene.start("one");
  scene.at_store([&](store::Store& store) {
    model::Commit junk;
    junk.partition = {"tidemark", 0};
    junk.keys.push_back({.key = "group/paused/noted\nnotes", .value = "junk", .expires = scene.now() + 24h});
    return store.commit(junk).or_raise();
  });
  scene.advance(2s);
  scene.publish("a", 1);
  scene.advance(2s);
  EXPECT_EQ(scene.begun, 0);
  EXPECT_TRUE(scene.resume());
  scene.advance(2s);
  EXPECT_EQ(scene.handled(), std::vector{1});
}

}  // namespace
}  // namespace tidemark::kit
