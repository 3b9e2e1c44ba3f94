// Waiting: for events and for the tidemark, without polling, until a deadline or a cancellation.
#include <algorithm>
#include <memory>
#include <span>

#include "conformance/store_test.hpp"

namespace tidemark::conformance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const store::Subscription BY{"orders", "stock", "first"};

class Waiting : public StoreTest {
 protected:
  Waiting() { declare_group(BY); }

  // A fetch on a fiber of its own.
  struct Fetch {
    fiber::FiberHandle fiber;
    std::optional<std::vector<std::string>> texts;
    std::optional<ErrorCode> error;
  };
  std::unique_ptr<Fetch> start_fetch(Duration limit) {
    auto fetch = std::make_unique<Fetch>();
    fetch->fiber = loop_.loop().spawn("fetch", [this, limit, fetch = fetch.get()] {
      const auto batch = store().fetch(BY, 10, 1 << 20, clock_.instant() + limit);
      if (batch) {
        fetch->texts = texts_of(batch->deliveries);
      } else {
        fetch->error = batch.error().code;
      }
    });
    loop_.run_ready();
    return fetch;
  }
  void finish(const Fetch& fetch) {
    ASSERT_TRUE(loop_.run_until([&] { return fetch.fiber.done(); }));
  }
};

TEST_F(Waiting, EndsWhenAnEventComes) {
  const auto fetch = start_fetch(1h);
  EXPECT_FALSE(fetch->fiber.done());
  publish("orders", "1");
  finish(*fetch);
  EXPECT_THAT(fetch->texts.value(), ElementsAre("1"));
}

TEST_F(Waiting, TakesNothingForItselfWhileNothingComes) {
  const Instant deadline = clock_.instant() + 1h;
  const auto fetch = start_fetch(1h);
  EXPECT_TRUE(loop_.run_until([&] { return loop_.next_deadline() == deadline; })) << "something looks again and again";
  loop_.advance(1h);
  finish(*fetch);
}

TEST_F(Waiting, EndsEmptyAtTheDeadline) {
  const auto fetch = start_fetch(10s);
  loop_.advance(10s - 1ms);
  EXPECT_FALSE(fetch->fiber.done());
  loop_.advance(1ms);
  finish(*fetch);
  EXPECT_THAT(fetch->texts.value(), IsEmpty());
  publish("orders", "1");
  EXPECT_THAT(texts_of(this->fetch(BY)), ElementsAre("1")) << "a wait that has ended takes nothing";
}

TEST_F(Waiting, EndsWhenItIsCancelled) {
  const auto fetch = start_fetch(1h);
  fetch->fiber.cancel();
  finish(*fetch);
  EXPECT_FALSE(fetch->texts);
  publish("orders", "1");
  EXPECT_THAT(texts_of(this->fetch(BY)), ElementsAre("1"));
}

TEST_F(Waiting, EndsWithTheGroup) {
  const auto fetch = start_fetch(1h);
  on_fiber([&] { return store().remove_group("orders", "stock"); }).or_raise();
  finish(*fetch);
  EXPECT_EQ(fetch->error, ErrorCode::not_found);
}

TEST_F(Waiting, HandsOneEventToOneOfSeveral) {
  std::vector<std::unique_ptr<Fetch>> fetches;
  for (int i = 0; i < 3; ++i) fetches.push_back(start_fetch(1h));
  const auto done = [&] {
    return std::count_if(fetches.begin(), fetches.end(), [](auto& fetch) { return fetch->fiber.done(); });
  };
  for (int event = 1; event <= 3; ++event) {
    publish("orders", std::to_string(event));
    ASSERT_TRUE(loop_.run_until([&] { return done() == event; }));
  }
  std::vector<std::string> all;
  for (const auto& fetch : fetches) all.push_back(fetch->texts.value().at(0));
  EXPECT_THAT(all, testing::UnorderedElementsAre("1", "2", "3"));
}

TEST_F(Waiting, IsWokenByATimerToo) {
  const auto fetch = start_fetch(1h);
  auto setting = commit_in();
  setting.timers.push_back({.name = "t", .due = clock_.now(), .topic = "orders", .fields = text_fields("timed")});
  commit(setting);
  maintain();
  finish(*fetch);
  EXPECT_THAT(fetch->texts.value(), ElementsAre("timed"));
}

TEST_F(Waiting, ForEntriesEndsWithADurableOne) {
  const store::Position positions[] = {{"orders", StreamId::min()}, {"others", StreamId::min()}};
  std::optional<bool> there;
  auto waiting = loop_.loop().spawn(
      "wait", [&] { there = store().wait_for_entries(positions, clock_.instant() + 1h).or_raise(); });
  loop_.run_ready();
  EXPECT_FALSE(there);
  auto publishing = commit_in();
  publishing.publications.push_back(event("others", "1"));
  const auto committed = commit(publishing);
  ASSERT_TRUE(loop_.run_until([&] { return waiting.done(); }));
  EXPECT_EQ(there, true);
  EXPECT_TRUE(store().is_durable(committed.lsn));
}

TEST_F(Waiting, ForEntriesLooksAtThePositions) {
  const StreamId last = publish("orders", "1");
  const store::Position behind[] = {{"orders", StreamId::min()}};
  const store::Position at_the_end[] = {{"orders", last}};
  const auto wait = [&](std::span<const store::Position> positions) {
    return on_fiber([&] { return store().wait_for_entries(positions, clock_.instant()); }).or_raise();
  };
  EXPECT_TRUE(wait(behind));
  EXPECT_FALSE(wait(at_the_end));
}

TEST_F(Waiting, ForEntriesEndsAtTheDeadline) {
  const store::Position positions[] = {{"orders", StreamId::min()}};
  std::optional<bool> there;
  auto waiting = loop_.loop().spawn(
      "wait", [&] { there = store().wait_for_entries(positions, clock_.instant() + 5s).or_raise(); });
  loop_.run_ready();
  EXPECT_TRUE(loop_.run_until([&] { return loop_.next_deadline() == clock_.instant() + 5s; }));
  loop_.advance(5s);
  ASSERT_TRUE(loop_.run_until([&] { return waiting.done(); }));
  EXPECT_EQ(there, false);
}

TEST_F(Waiting, ForTheTidemarkEndsWhenItIsReached) {
  std::vector<Lsn> lsns;
  for (int i = 0; i < 10; ++i) {
    auto publishing = commit_in();
    publishing.publications.push_back(event("orders", std::to_string(i)));
    lsns.push_back(commit(publishing).lsn);
  }
  EXPECT_TRUE(std::is_sorted(lsns.begin(), lsns.end()));
  for (const Lsn lsn : lsns) wait_durable(lsn);
  wait_durable(Lsn{});
}

}  // namespace
}  // namespace tidemark::conformance
