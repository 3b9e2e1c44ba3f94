#include "engine/timers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <memory>

#include "storage/test_directory.hpp"

namespace tidemark::engine {
namespace {

using model::Commit;
using model::Partition;
using model::TimerChange;
using testing::ElementsAre;
using testing::IsEmpty;

TimePoint at(std::int64_t ms) { return TimePoint{std::chrono::milliseconds{ms}}; }

TimerChange timer(std::string name, std::optional<std::int64_t> due, std::string topic = "reminders") {
  TimerChange change{.name = std::move(name), .topic = std::move(topic)};
  if (due) change.due = at(*due);
  change.fields.add("for", change.name);
  return change;
}

class TestTimers {
 public:
  TestTimers() { reopen(); }
  void reopen() {
    timers_.reset();
    storage_.reset();
    storage_ = storage::Storage::open({.path = directory_.path(), .durability = {storage::Durability::Mode::never}})
                   .or_raise();
    timers_ = std::make_unique<Timers>(*storage_);
    timers_->load().or_raise();
  }
  Result<void> set(std::vector<TimerChange> changes, const Partition& partition = {"payments", 0}) {
    const Commit commit{.partition = partition, .timers = std::move(changes)};
    TIDEMARK_TRY(timers_->check(commit));
    storage::Batch batch;
    timers_->apply(commit, batch);
    storage_->commit(batch);
    return {};
  }
  std::vector<model::Timer> list(const std::optional<model::TimerPlace>& after) const {
    return timers_->list(after, 1000).value();
  }
  std::vector<DueTimer> take(std::int64_t now, std::size_t limit = 1000) {
    storage::Batch batch;
    auto due = timers_->take_due(at(now), limit, batch).value();
    storage_->commit(batch);
    return due;
  }
  std::vector<std::string> take_names(std::int64_t now, std::size_t limit = 1000) {
    std::vector<std::string> names;
    for (const auto& due : take(now, limit)) names.push_back(due.name);
    return names;
  }
  std::optional<TimePoint> next() const { return timers_->next_due(); }
  std::size_t stored() const {
    std::size_t count = 0;
    auto at = storage_->cursor("T", "U");
    for (at.seek_first(); at.valid(); at.next()) ++count;
    return count;
  }

 private:
  storage::TestDirectory directory_;
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<Timers> timers_;
};

TEST(Timers, AreTakenWhenTheyAreDueWithAllThatTheyWereSetWith) {
  TestTimers timers;
  EXPECT_EQ(timers.next(), std::nullopt);
  ASSERT_TRUE(timers.set({timer("remind", 500)}, {"accounts", 3}));
  EXPECT_EQ(timers.next(), at(500));
  EXPECT_THAT(timers.take(499), IsEmpty());
  const auto due = timers.take(500);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].partition, (Partition{"accounts", 3}));
  EXPECT_EQ(due[0].name, "remind");
  EXPECT_EQ(due[0].topic, "reminders");
  EXPECT_EQ(due[0].fields, timer("remind", 0).fields);
  EXPECT_EQ(due[0].due, at(500));
  EXPECT_EQ(timers.next(), std::nullopt);
  EXPECT_EQ(timers.stored(), 0u);
}

TEST(Timers, AreTakenEarliestFirstAndNoMoreThanAsked) {
  TestTimers timers;
  ASSERT_TRUE(timers.set({timer("c", 30), timer("a", 10), timer("b", 20), timer("past", -5)}));
  EXPECT_THAT(timers.take_names(25, 2), ElementsAre("past", "a"));
  EXPECT_EQ(timers.next(), at(20));
  EXPECT_THAT(timers.take_names(25, 2), ElementsAre("b"));
  EXPECT_EQ(timers.next(), at(30));
}

TEST(Timers, OneNameOfAPartitionIsOneTimer) {
  TestTimers timers;
  ASSERT_TRUE(timers.set({timer("a", 10)}));
  ASSERT_TRUE(timers.set({timer("a", 50)}));
  ASSERT_TRUE(timers.set({timer("a", 20)}, {"payments", 1}));
  ASSERT_TRUE(timers.set({timer("a", 30)}, {"accounts", 0}));
  EXPECT_EQ(timers.take(40).size(), 2u);
  EXPECT_THAT(timers.take_names(50), ElementsAre("a"));
}

TEST(Timers, TheLastChangeInACommitCounts) {
  TestTimers timers;
  ASSERT_TRUE(timers.set({timer("a", 10), timer("a", 20), timer("b", 10), timer("b", {})}));
  EXPECT_THAT(timers.take_names(10), IsEmpty());
  EXPECT_THAT(timers.take_names(20), ElementsAre("a"));
  EXPECT_EQ(timers.stored(), 0u);
}

TEST(Timers, ACancelledOneIsGoneAndCancellingNoneIsNoError) {
  TestTimers timers;
  ASSERT_TRUE(timers.set({timer("a", 10), timer("b", 20)}));
  ASSERT_TRUE(timers.set({timer("a", {}), timer("nobody", {})}));
  EXPECT_THAT(timers.take_names(15), IsEmpty());
  EXPECT_EQ(timers.next(), at(20)) << "looking has found that the first one is gone";
}

TEST(Timers, SurviveAReopen) {
  TestTimers timers;
  ASSERT_TRUE(timers.set({timer("a", 10), timer("b", 20)}));
  timers.take(10);
  timers.reopen();
  EXPECT_EQ(timers.next(), at(20));
  EXPECT_THAT(timers.take_names(100), ElementsAre("b"));
  timers.reopen();
  EXPECT_EQ(timers.next(), std::nullopt);
}

TEST(Timers, RefuseNamesAndTopicsThatCannotBe) {
  TestTimers timers;
  const auto code = [&](TimerChange change, const Partition& partition = {"payments", 0}) {
    return timers.set({std::move(change)}, partition).error().code;
  };
  EXPECT_EQ(code(timer("", 1)), ErrorCode::invalid);
  EXPECT_EQ(code(timer(std::string(513, 'x'), 1)), ErrorCode::invalid);
  EXPECT_EQ(code(timer("a", 1, "")), ErrorCode::invalid);
  EXPECT_EQ(code(timer("a", 1), {std::string(256, 's'), 0}), ErrorCode::invalid);
  EXPECT_EQ(timers.stored(), 0u);
}

// A step sets, cancels or takes; the time goes on with each.
RC_GTEST_PROP(Timers, DoWhatAMapDoes, ()) {
  TestTimers timers;
  std::map<std::string, std::int64_t> model;
  std::int64_t now = 0;
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
      rc::gen::tuple(rc::gen::inRange(0, 8), rc::gen::inRange(0, 6), rc::gen::inRange(-20, 100)));
  for (const auto& [kind, which, offset] : steps) {
    const auto name = std::string(1, static_cast<char>('a' + which));
    now += which;
    if (kind < 4) {
      RC_ASSERT(timers.set({timer(name, now + offset)}).has_value());
      model[name] = now + offset;
    } else if (kind == 4) {
      RC_ASSERT(timers.set({timer(name, {})}).has_value());
      model.erase(name);
    } else if (kind == 5) {
      timers.reopen();
    } else {
      const auto limit = static_cast<std::size_t>(which) + 1;
      std::vector<std::pair<std::int64_t, std::string>> due;
      for (const auto& [known, when] : model)
        if (when <= now) due.emplace_back(when, known);
      std::sort(due.begin(), due.end());
      if (due.size() > limit) due.resize(limit);
      const auto taken = timers.take(now, limit);
      RC_ASSERT(taken.size() == due.size());
      for (std::size_t i = 0; i < due.size(); ++i) {
        RC_ASSERT(taken[i].name == due[i].second);
        RC_ASSERT(taken[i].due == at(due[i].first));
        model.erase(due[i].second);
      }
    }
    RC_ASSERT(timers.stored() == 2 * model.size());
    for (const auto& [known, when] : model) RC_ASSERT(timers.next() <= at(when) && timers.next());
  }
}

// However many are asked for.
TEST(Timers, AreListedWithinBoundsOfMemory) {
  constexpr std::int64_t COUNT = 20;
  TestTimers timers;
  for (std::int64_t i = 0; i < COUNT; ++i) {
    auto large = timer(std::to_string(i), 1000 + i);
    large.fields.add("text", std::string(1 << 20, 'x'));
    timers.set({std::move(large)}).value();
  }
  std::optional<model::TimerPlace> after;
  std::int64_t seen = 0;
  for (auto page = timers.list(after); !page.empty(); page = timers.list(after)) {
    EXPECT_LE(page.size(), 16u);
    for (const auto& listed : page) EXPECT_EQ(listed.place.due, at(1000 + seen++));
    after = page.back().place;
  }
  EXPECT_EQ(seen, COUNT);
}

}  // namespace
}  // namespace tidemark::engine
