#include "kit/monitor/run_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/random.hpp"

namespace tidemark::kit {
namespace {

RunRecord run_of(std::uint64_t trace, std::string key, RunOutcome outcome = RunOutcome::ok) {
  RunRecord run;
  run.trace.trace = {1, trace};
  run.key = std::move(key);
  run.outcome = outcome;
  run.kind = RunKind::handler;
  return run;
}

RunRecord read_of(std::uint64_t trace, std::string key) {
  auto run = run_of(trace, std::move(key));
  run.kind = RunKind::request;
  return run;
}

TEST(RunMemory, FindsATraceByEveryTextThatItsRunsHaveToDoWith) {
  RunMemory memory{1 << 20};
  auto run = run_of(1, "key");
  run.ce_id = "event";
  run.published.push_back({.topic = "orders", .ce_id = "published", .type = "Order", .key = "its-key"});
  run.documents.push_back({.collection = "payments.order", .id = "document", .version = 1, .after = "{}"});
  memory.add(std::move(run));
  memory.add(run_of(2, "other"));
  for (const auto* text : {"key", "event", "published", "its-key", "document"}) {
    const auto found = memory.find(text, 10);
    ASSERT_EQ(found.size(), 1u) << text;
    EXPECT_EQ(found[0].id, (telemetry::TraceId{1, 1}));
    EXPECT_EQ(found[0].runs.size(), 1u);
  }
  EXPECT_TRUE(memory.find("orders", 10).empty());
  EXPECT_TRUE(memory.find("", 10).empty());
}

TEST(RunMemory, ShowsTheNewestTracesFirst) {
  RunMemory memory{1 << 20};
  for (std::uint64_t i = 1; i <= 5; ++i) memory.add(run_of(i, "same"));
  memory.add(run_of(1, "same"));
  const auto all = memory.newest(UINT64_MAX, 2);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id.low, 5u);
  EXPECT_EQ(all[1].id.low, 4u);
  const auto rest = memory.newest(all[1].number, 10);
  ASSERT_EQ(rest.size(), 3u);
  EXPECT_EQ(rest[0].id.low, 3u);
  EXPECT_EQ(rest[2].runs.size(), 2u);
  const auto same = memory.find("same", 2);
  ASSERT_EQ(same.size(), 2u);
  EXPECT_EQ(same[0].id.low, 5u);
}

TEST(RunMemory, KeepsATraceThatFailedLongerThanOthers) {
  RunMemory memory{64 << 10};
  memory.add(run_of(1, "bad", RunOutcome::failed));
  for (std::uint64_t i = 2; i < 1000; ++i) memory.add(run_of(i, "good"));
  EXPECT_TRUE(memory.find({1, 1}));
  EXPECT_FALSE(memory.find({1, 2}));
  EXPECT_TRUE(memory.find({1, 999}));
}

TEST(RunMemory, LeavesRoomForOthersWhenEverythingFails) {
  RunMemory memory{64 << 10};
  for (std::uint64_t i = 1; i < 1000; ++i) memory.add(run_of(i, "bad", RunOutcome::buried));
  for (std::uint64_t i = 1000; i < 1010; ++i) memory.add(run_of(i, "good"));
  for (std::uint64_t i = 1010; i < 1100; ++i) memory.add(run_of(i, "bad", RunOutcome::failed));
  for (std::uint64_t i = 1000; i < 1100; ++i) EXPECT_TRUE((i >= 1010 && i <= 1095) || memory.find({1, i})) << i;
  EXPECT_LE(memory.bytes(), 64u << 10);
}

TEST(RunMemory, DropsWhatOnlyReadsFirst) {
  RunMemory memory{64 << 10};
  for (std::uint64_t i = 1; i <= 20; ++i) memory.add(run_of(i, "order"));
  for (std::uint64_t i = 21; i < 1000; ++i) memory.add(read_of(i, "order"));
  EXPECT_TRUE(memory.find({1, 1}));
  EXPECT_TRUE(memory.find({1, 999})->only_reads);
  EXPECT_FALSE(memory.find({1, 21}));
  const auto found = memory.find("order", 10'000);
  ASSERT_EQ(found.size(), 20u);
  EXPECT_FALSE(found[0].only_reads);
}

TEST(RunMemory, CountsATraceThatReadAndThenChangedSomethingAmongTheOthers) {
  RunMemory memory{64 << 10};
  memory.add(read_of(1, "order"));
  memory.add(run_of(1, "order"));
  EXPECT_FALSE(memory.find({1, 1})->only_reads);
  EXPECT_EQ(memory.find("order", 10).size(), 1u);
}

TEST(RunMemory, ShortensATraceThatGoesOnForEver) {
  RunMemory memory{256 << 10};
  memory.add(run_of(1, "first"));
  for (int i = 0; i < 5000; ++i) memory.add(run_of(2, std::to_string(i)));
  const auto endless = memory.find({1, 2});
  ASSERT_TRUE(endless);
  EXPECT_FALSE(endless->whole);
  EXPECT_EQ(endless->runs.back()->key, "4999");
  EXPECT_TRUE(memory.find("0", 10).empty());
  EXPECT_EQ(memory.find("4999", 10).size(), 1u);
  EXPECT_TRUE(memory.find({1, 1})->whole);
}

TEST(RunMemory, ForgetsWhatIsTooLargeForAllOfIt) {
  RunMemory memory{4 << 10};
  auto run = run_of(1, "large");
  run.error.assign(10'000, 'x');
  EXPECT_EQ(memory.add(std::move(run)).dropped.size(), 1u);
  EXPECT_EQ(memory.bytes(), 0u);
  EXPECT_EQ(memory.traces(), 0u);
}

// Beside it, everything that was ever added and what was said to be dropped.
TEST(RunMemory, IsWhatWasAddedLessWhatItDropped) {
  const char* given = std::getenv("TIDEMARK_SEED");
  const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : Random::from_entropy().next();
  SCOPED_TRACE("TIDEMARK_SEED=" + std::to_string(seed));
  Random random{seed};
  constexpr std::size_t BYTES = 96 << 10;
  RunMemory memory{BYTES};
  std::map<std::uint64_t, std::vector<const RunRecord*>> model;  // by trace, in their order
  std::map<const RunRecord*, std::uint64_t> trace_of;

  for (int step = 0; step < 3000; ++step) {
    const auto trace = random.below(10) == 0 ? random.below(3) + 1 : random.below(400) + 1;
    auto run =
        run_of(trace, std::to_string(random.below(20)), random.below(8) == 0 ? RunOutcome::failed : RunOutcome::ok);
    if (random.below(3) == 0) run.kind = RunKind::request;
    if (random.below(4) == 0)
      run.documents.push_back({.collection = "c",
                               .id = "d" + std::to_string(random.below(10)),
                               .version = 1,
                               .after = std::string(random.below(3000), 'x')});
    const auto added = memory.add(std::move(run));
    EXPECT_EQ(added.is_new_trace, !model.contains(trace));
    for (const auto& dropped : added.dropped) {
      if (!trace_of.contains(dropped.get())) continue;  // it was added just now
      auto& runs = model.at(trace_of.at(dropped.get()));
      ASSERT_EQ(runs.front(), dropped.get()) << "the oldest of a trace goes first";
      runs.erase(runs.begin());
      if (runs.empty()) model.erase(trace_of.at(dropped.get()));
      trace_of.erase(dropped.get());
    }
    if (const auto now = memory.find({1, trace})) {
      model[trace].push_back(now->runs.back().get());
      trace_of[now->runs.back().get()] = trace;
    }
    ASSERT_LE(memory.bytes(), BYTES);
    ASSERT_EQ(memory.traces(), model.size());
    ASSERT_EQ(memory.runs(), trace_of.size());

    if (step % 20 != 0) continue;
    for (const auto& [id, runs] : model) {
      const auto remembered = memory.find({1, id});
      ASSERT_TRUE(remembered) << id;
      ASSERT_TRUE(std::ranges::equal(remembered->runs, runs, {}, [](const auto& kept) { return kept.get(); }));
    }
    const auto text = std::to_string(random.below(20));
    const auto found = memory.find(text, 10'000);
    EXPECT_TRUE(std::ranges::is_sorted(found, std::ranges::greater{}, &RememberedTrace::number));
    const auto expected = std::ranges::count_if(model, [&](const auto& one) {
      const bool reads = memory.find({1, one.first})->only_reads;
      EXPECT_FALSE(reads && !std::ranges::all_of(one.second, [](const auto* one_run) { return only_reads(*one_run); }));
      return !reads && std::ranges::count(one.second, text, &RunRecord::key) > 0;
    });
    EXPECT_EQ(static_cast<long>(found.size()), expected);
  }
}

}  // namespace
}  // namespace tidemark::kit
