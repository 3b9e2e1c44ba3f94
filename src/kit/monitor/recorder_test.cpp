#include "kit/monitor/recorder.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/random.hpp"

namespace tidemark::kit {
namespace {

RunRecord run_of(const telemetry::TraceContext& trace, RunOutcome outcome = RunOutcome::ok) {
  RunRecord run;
  run.trace = trace;
  run.outcome = outcome;
  run.detailed = true;
  run.service = "payments";
  return run;
}

telemetry::TraceContext new_trace() { return {telemetry::TraceId::random(), telemetry::SpanId::random(), false}; }

// A run as the kit would tell of it: in detail where that is wanted.
void tell(Recorder& recorder, RunRecord run) {
  run.detailed = recorder.wants(run.trace);
  if (run.detailed || is_failure(run)) recorder.ran(std::move(run));
}

TEST(Recorder, RemembersEverythingAtALowRate) {
  VirtualClock clock;
  Recorder recorder{1 << 20, clock};
  for (int i = 0; i < 200; ++i) {
    const auto trace = new_trace();
    tell(recorder, run_of(trace));
    EXPECT_TRUE(recorder.find(trace.trace));
    clock.advance(Duration{20});
  }
  EXPECT_EQ(recorder.stats().share, 1);
}

TEST(Recorder, RemembersAFairShareOfManyTracesAndEachOfTheseWhole) {
  VirtualClock clock;
  Recorder recorder{64 << 20, clock};
  std::vector<telemetry::TraceContext> traces;
  for (int second = 0; second < 20; ++second)
    for (int i = 0; i < 5000; ++i) {
      traces.push_back(new_trace());
      tell(recorder, run_of(traces.back()));
      if (traces.size() > 100) tell(recorder, run_of(traces[traces.size() - 100].child()));  // while the share changes
      if (i % 5 == 0) clock.advance(Duration{1});
    }
  const auto stats = recorder.stats();
  EXPECT_LT(stats.share, 0.03);
  EXPECT_GT(stats.share, 0.005);
  EXPECT_LT(stats.traces, 20u * 2 * Recorder::TRACES_PER_S);
  EXPECT_GT(stats.traces, 20u * Recorder::TRACES_PER_S / 4);
  std::size_t halves = 0;
  for (std::size_t i = 0; i + 100 < traces.size(); ++i)
    if (const auto trace = recorder.find(traces[i].trace)) halves += trace->runs.size() == 1 ? 1u : 0u;
  EXPECT_LT(halves, 20u);  // traces that had begun when the share was doubled
}

TEST(Recorder, RemembersMoreAgainWhenLessHappens) {
  VirtualClock clock;
  Recorder recorder{1 << 20, clock};
  for (int i = 0; i < 10'000; ++i) tell(recorder, run_of(new_trace()));
  EXPECT_LT(recorder.stats().share, 0.1);
  clock.advance(Duration{60'000});
  for (int i = 0; i < 10'000 && recorder.stats().share < 1; ++i) {
    tell(recorder, run_of(new_trace()));
    clock.advance(Duration{500});
  }
  EXPECT_EQ(recorder.stats().share, 1);
}

TEST(Recorder, ChoosesTheSameTracesInEveryProcess) {
  VirtualClock clock;
  Recorder one{1 << 20, clock}, other{1 << 20, clock};
  for (int i = 0; i < 10'000; ++i) {
    const auto trace = new_trace();
    tell(one, run_of(trace));
    tell(other, run_of(trace.child()));
  }
  ASSERT_LT(one.stats().share, 0.1);
  for (int i = 0; i < 10'000; ++i) {
    const auto trace = new_trace();
    EXPECT_EQ(one.wants(trace), other.wants(trace));
  }
}

TEST(Recorder, KeepsEveryFailureAndWhatFollowsInItsTrace) {
  VirtualClock clock;
  Recorder recorder{16 << 20, clock};
  for (int i = 0; i < 20'000; ++i) tell(recorder, run_of(new_trace()));
  for (int i = 0; i < 200; ++i) {
    const auto trace = new_trace();
    tell(recorder, run_of(trace, RunOutcome::failed));
    tell(recorder, run_of(trace.child()));
    const auto kept = recorder.find(trace.trace);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->runs.size(), 2u);
  }
}

TEST(Recorder, LeavesOutWhatOnlyAnotherObserverWanted) {
  VirtualClock clock;
  Recorder recorder{1 << 20, clock};
  for (int i = 0; i < 20'000; ++i) tell(recorder, run_of(new_trace()));
  const auto before = recorder.stats().traces;
  for (int i = 0; i < 1000; ++i) recorder.ran(run_of(new_trace()));
  EXPECT_LT(recorder.stats().traces, before + 200);
}

TEST(Recorder, TellsTheHistoryOfADocument) {
  VirtualClock clock;
  Recorder recorder{1 << 20, clock};
  for (std::uint64_t version = 1; version <= 5; ++version) {
    auto run = run_of(new_trace());
    run.lsn = Lsn{version};
    run.documents.push_back({.collection = "payments.order", .id = "7", .version = version, .after = "{}"});
    run.documents.push_back({.collection = "payments.price", .id = "8", .version = version, .after = "{}"});
    tell(recorder, std::move(run));
  }
  const auto changes = recorder.changes_of("payments.order", "7", 3);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0]->documents[0].version, 5u);
  EXPECT_EQ(changes[2]->documents[0].version, 3u);
  EXPECT_TRUE(recorder.changes_of("payments.order", "8", 3).empty());
}

TEST(Recorder, SaysInsteadOfALargeDocumentHowLargeItWas) {
  VirtualClock clock;
  Recorder recorder{1 << 20, clock};
  auto run = run_of(new_trace());
  run.documents.push_back({.collection = "c", .id = "1", .version = 1, .after = std::string(500'000, 'x')});
  const auto trace = run.trace.trace;
  tell(recorder, std::move(run));
  const auto kept = recorder.find(trace);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->runs[0]->documents[0].before, std::nullopt);
  EXPECT_EQ(kept->runs[0]->documents[0].after, R"("500000 bytes: too large to be remembered")");
}

TEST(Recorder, LearnsWhoPublishesWhat) {
  VirtualClock clock;
  Recorder recorder{1 << 20, clock};
  auto run = run_of(new_trace());
  run.published.push_back({.topic = "order_placed", .ce_id = "1", .type = "OrderPlaced", .key = "7"});
  tell(recorder, std::move(run));
  EXPECT_EQ(recorder.publishers(), (std::set<std::pair<std::string, std::string>>{{"payments", "order_placed"}}));
}

TEST(Recorder, WantsNothingWhenItIsOff) {
  VirtualClock clock;
  Recorder recorder{0, clock};
  const auto trace = new_trace();
  EXPECT_FALSE(recorder.wants(trace));
  recorder.ran(run_of(trace, RunOutcome::failed));
  EXPECT_FALSE(recorder.find(trace.trace));
}

TEST(Recorder, IsWrittenAndReadByManyThreads) {
  Recorder recorder{256 << 10, Clock::system()};
  constexpr int THREADS = 4, RUNS = 3000;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < THREADS; ++thread)
    threads.emplace_back([&] {
      for (int i = 0; i < RUNS; ++i) {
        auto run = run_of(new_trace(), i % 3 == 0 ? RunOutcome::failed : RunOutcome::ok);
        run.key = std::to_string(i % 10);
        tell(recorder, std::move(run));
        if (i % 100 == 0) {
          for (const auto& trace : recorder.find("3", 10)) EXPECT_FALSE(trace.runs.empty());
          EXPECT_LE(recorder.newest(UINT64_MAX, 5).size(), 5u);
        }
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_LE(recorder.stats().bytes, 256u << 10);
  EXPECT_GT(recorder.stats().runs, 0u);
}

}  // namespace
}  // namespace tidemark::kit
