// Events of one key that wait together: one commit, and yet each as if it had run alone.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "json/json.hpp"
#include "kit/testing/test_bench.hpp"
#include "kit/testing/test_service.hpp"

namespace tidemark::kit {
namespace {

constexpr int EVENTS = 20;

class RunChains : public ::testing::Test {
 protected:
  RunChains() { service_.collection<Note>("notes").index(&Note::count); }

  void append_all() {
    for (int i = 0; i < EVENTS; ++i)
      bench_->commit("noted", {{"key", "busy"}, {"number", std::to_string(i)}}, std::nullopt);
  }
  void start() {
    bench_ = std::make_unique<Bench>(service_);
    bench_->loop.run("declare", [&] { bench_->catalog.declare().or_raise(); });
    append_all();
    dispatcher_ = std::make_unique<BenchDispatcher>(*bench_);
    bench_->loop.advance(std::chrono::minutes{1});
  }
  std::optional<Note> note() {
    std::optional<Note> found;
    bench_->loop.run("look", [&] {
      const auto read = bench_->store.find({"notes", 0}, "notes.notes", "busy").or_raise();
      if (!read.value) return;
      versions_ = read.value->version.counter;
      json::read(read.value->json, &found.emplace(), type_of<Note>()).or_raise();
    });
    return found;
  }
  std::size_t pending() {
    std::size_t count = 0;
    bench_->loop.run("look",
                     [&] { count = bench_->store.pending("noted", "notes", StreamId::min(), 1000).or_raise().size(); });
    return count;
  }
  // Counts what it has seen in the note of its key.
  HandlerOptions count_up(std::function<void(Transaction&, const Noted&)> before = [](auto&, auto&) {}) {
    return service_.on<Noted>("noted", [this, before](Transaction& tx, const Noted& event) {
      runs_.push_back(event.number);
      before(tx, event);
      auto note = tx.find<Note>(event.key).value_or(Note{event.key, {}, 0});
      ++note.count;
      tx.put(note);
      tx.after_durable([this, number = event.number] { effects_.push_back(number); });
    });
  }

  Service service_{"notes"};
  std::unique_ptr<Bench> bench_;
  std::unique_ptr<BenchDispatcher> dispatcher_;
  std::vector<int> runs_, effects_;
  std::uint64_t versions_ = 0;
};

std::vector<int> numbers() {
  std::vector<int> all(EVENTS);
  for (int i = 0; i < EVENTS; ++i) all[static_cast<std::size_t>(i)] = i;
  return all;
}

TEST_F(RunChains, RunsSeeWhatTheOnesBeforeThemLeft) {
  count_up();
  start();
  EXPECT_EQ(note()->count, EVENTS);
  EXPECT_EQ(versions_, static_cast<std::uint64_t>(EVENTS)) << "each change of a document raises its version";
  EXPECT_EQ(runs_, numbers());
  EXPECT_EQ(effects_, numbers());
  EXPECT_EQ(pending(), 0u);
}

TEST_F(RunChains, CommitsFewerTimesThanThereAreEvents) {
  count_up();
  start();
  EXPECT_LT(bench_->store.commits, EVENTS + EVENTS / 2) << "of which " << EVENTS << " publish the events";
}

TEST_F(RunChains, AFailingEventHoldsBackTheLaterOnesAndNotTheEarlierOnes) {
  int failures = 0;
  count_up([&](Transaction& tx, const Noted& event) {
    if (event.number != 7 || tx.attempt() > 2) return;
    EXPECT_EQ(tx.attempt(), static_cast<std::uint32_t>(++failures));
    throw std::runtime_error{"as it must"};
  }).retry({.attempts = 5, .first = Duration{100}, .at_most = Duration{100}});
  start();
  EXPECT_EQ(failures, 2);
  EXPECT_EQ(note()->count, EVENTS);
  EXPECT_EQ(effects_, numbers()) << "in the order of the key, each once";
}

TEST_F(RunChains, AnEventThatAlwaysFailsIsBuriedAndTheOthersTakeEffect) {
  count_up([](Transaction&, const Noted& event) {
    if (event.number == 7) throw std::runtime_error{"as it must"};
  }).retry({.attempts = 1});
  start();
  EXPECT_EQ(note()->count, EVENTS - 1);
  bench_->loop.run("look", [&] {
    const auto letters = bench_->store.read("noted.notes.dead", StreamId::min(), 10).or_raise();
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters.front().fields.find("number"), "7");
  });
}

TEST_F(RunChains, DurableCommitsWhatCameBefore) {
  count_up([this](Transaction& tx, const Noted& event) {
    if (event.number != 5) return;
    tx.durable();
    const auto stored = bench_->store.find({"notes", 0}, "notes.notes", "busy").or_raise();
    EXPECT_EQ(stored.value->version.counter, 5u) << "what it was run upon was not at the store";
  });
  start();
  EXPECT_EQ(note()->count, EVENTS);
  EXPECT_EQ(runs_, numbers()) << "an event ran twice";
}

TEST_F(RunChains, AQueryFindsWhatCameBefore) {
  count_up([](Transaction& tx, const Noted& event) {
    if (event.number < 3) return;
    EXPECT_EQ(tx.documents<Note>().where(&Note::count, event.number).page().items.size(), 1u);
  });
  start();
  EXPECT_EQ(note()->count, EVENTS);
}

TEST_F(RunChains, WhatSomebodyElseChangesMeanwhileIsReadAgain) {
  bool changed = false;
  count_up([&](Transaction& tx, const Noted& event) {
    if (event.number != 9 || changed) return;
    changed = true;
    static_cast<void>(tx.find<Note>(event.key));
    model::Commit other;
    other.partition = {"notes", 0};
    other.documents.push_back({"notes.notes", "busy", R"({"id":"busy","text":"","count":1000})", {1000, 1}});
    static_cast<void>(bench_->store.commit(other).or_raise());
  });
  start();
  EXPECT_EQ(note()->count, 1000 + EVENTS) << "a change was overwritten, or an event lost";
  EXPECT_EQ(effects_, numbers());
}

}  // namespace
}  // namespace tidemark::kit
