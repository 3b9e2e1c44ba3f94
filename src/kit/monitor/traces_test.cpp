// Traces: that a request, the events that it publishes and every run of their handlers tell one story, and who is told.
#include <gtest/gtest.h>

#include <map>

#include "kit/endpoint/endpoint.hpp"
#include "kit/testing/test_bench.hpp"
#include "kit/testing/test_service.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

using namespace std::chrono_literals;
using telemetry::TraceContext;

constexpr std::string_view CALLERS = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

// Keeps what it is told, and wants everything or nothing.
struct Listener final : RunObserver {
  bool wants(const TraceContext&) override { return wanting; }
  void ran(RunRecord&& record) override { runs.push_back(std::move(record)); }

  bool wanting = true;
  std::vector<RunRecord> runs;
};

// A bench whose runtime is listened to.
struct Traced : Bench {
  explicit Traced(const Service& of) : Bench{of} { runtime.observer = &listener; }

  Response call(std::size_t endpoint, Request request) {
    Response response;
    loop.run("request", [&] {
      const Endpoint called{runtime, gate, service.spec(), service.spec().endpoints.at(endpoint)};
      response = called(request);
    });
    return response;
  }
  std::vector<model::Entry> entries(const std::string& topic) {
    std::vector<model::Entry> found;
    loop.run("look", [&] { found = store.read(topic, StreamId::min(), 1000).or_raise(); });
    return found;
  }
  TraceContext trace_of(const model::Entry& entry) {
    return TraceContext::parse(entry.fields.find("ce_traceparent").value_or("")).value();
  }

  Listener listener;
  IdempotencyGate gate;
};

Request publish(const std::string& key, int count, std::string_view traceparent = {}) {
  Request request;
  request.method = Method::post;
  request.path = "/publish";
  request.body = to_json(Batch{key, count});
  if (!traceparent.empty()) request.headers.push_back({"traceparent", std::string{traceparent}});
  return request;
}

void append(Traced& bench, const std::string& key, int number, std::string_view traceparent = {}) {
  std::vector<std::pair<std::string, std::string>> fields{{"key", key}, {"number", std::to_string(number)}};
  if (!traceparent.empty()) fields.emplace_back("ce_traceparent", traceparent);
  bench.append("noted", fields);
}

TEST(Traces, AnEventCarriesTheTraceOfItsRequestAndTheSpanOfTheRun) {
  Service service = make_notes();
  Traced bench{service};
  EXPECT_EQ(bench.call(0, publish("a", 2, CALLERS)).status, 204);
  ASSERT_EQ(bench.listener.runs.size(), 1u);
  const auto& run = bench.listener.runs.front();
  const auto caller = TraceContext::parse(CALLERS).value();
  EXPECT_EQ(run.trace.trace, caller.trace);
  EXPECT_EQ(run.parent, caller.span);
  EXPECT_NE(run.trace.span, caller.span);
  EXPECT_TRUE(run.trace.sampled);
  EXPECT_EQ(run.name, "POST /publish");
  EXPECT_EQ(run.status, 204);
  EXPECT_NE(run.lsn, Lsn{});

  const auto events = bench.entries("noted");
  ASSERT_EQ(events.size(), 2u);
  ASSERT_EQ(run.published.size(), 2u);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(bench.trace_of(events[i]), run.trace);
    EXPECT_EQ(run.published[i].ce_id, events[i].fields.find("ce_id"));
    EXPECT_EQ(run.published[i].key, "a");
  }
}

TEST(Traces, ARequestWithoutATraceOrWithAnInvalidOneBeginsItsOwn) {
  Service service = make_notes();
  Traced bench{service};
  bench.call(0, publish("a", 1));
  bench.call(0, publish("a", 1, "00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
  ASSERT_EQ(bench.listener.runs.size(), 2u);
  const auto &first = bench.listener.runs[0], &second = bench.listener.runs[1];
  EXPECT_TRUE(first.trace.trace);
  EXPECT_FALSE(first.parent);
  EXPECT_FALSE(second.parent);
  EXPECT_NE(first.trace.trace, second.trace.trace);
  EXPECT_FALSE(second.trace.sampled) << "nobody samples, but an invalid header was heeded";
}

TEST(Traces, ARunCanHandItsPlaceOnToSomebodyElse) {
  Service service{"notes"};
  service.post("/call", [](Transaction& tx) { return Note{.id = "1", .text = tx.traceparent()}; });
  Traced bench{service};
  const auto reply = bench.call(0, {.method = Method::post, .path = "/call"});
  const auto handed_on = TraceContext::parse(from_json<Note>(reply.body).text);
  ASSERT_EQ(bench.listener.runs.size(), 1u);
  EXPECT_EQ(handed_on, bench.listener.runs.front().trace);
}

TEST(Traces, EachAttemptOfAHandlerIsARunWithinItsEvent) {
  Service service{"notes"};
  service
      .on<Noted>("noted",
                 [](Transaction& tx, const Noted& event) {
                   if (tx.attempt() < 3) throw std::runtime_error{"not yet"};
                   tx.put(Note{.id = event.key, .text = "done", .count = event.number});
                 })
      .retry(QUICKLY);
  Traced bench{service};
  BenchDispatcher dispatcher{bench};
  append(bench, "a", 7, CALLERS);
  bench.loop.advance(1s);

  const auto& runs = bench.listener.runs;
  ASSERT_EQ(runs.size(), 3u);
  std::set<telemetry::SpanId> spans;
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(runs[i].kind, RunKind::handler);
    EXPECT_EQ(runs[i].outcome, i < 2 ? RunOutcome::failed : RunOutcome::ok);
    EXPECT_EQ(runs[i].error, i < 2 ? "not yet" : "");
    EXPECT_EQ(runs[i].attempt, i + 1);
    EXPECT_EQ(runs[i].name, "noted");
    EXPECT_EQ(runs[i].group, "notes");
    EXPECT_EQ(runs[i].key, "a");
    EXPECT_EQ(runs[i].trace.trace, TraceContext::parse(CALLERS)->trace);
    EXPECT_EQ(runs[i].parent, TraceContext::parse(CALLERS)->span);
    spans.insert(runs[i].trace.span);
  }
  EXPECT_EQ(spans.size(), 3u) << "attempts share a span";
  ASSERT_EQ(runs[2].documents.size(), 1u);
  EXPECT_EQ(runs[2].documents[0].id, "a");
  EXPECT_EQ(runs[2].documents[0].before, std::nullopt);
  EXPECT_EQ(runs[2].documents[0].after, R"({"id":"a","text":"done","count":7})");
}

TEST(Traces, AllRunsOfAnEventThatCameWithoutATraceShareOne) {
  Service service{"notes"};
  service.on<Noted>("noted", [](Transaction&, const Noted&) { throw std::runtime_error{"never"}; }).retry(QUICKLY);
  Traced bench{service};
  bench.listener.wanting = false;
  BenchDispatcher dispatcher{bench};
  append(bench, "a", 0);
  append(bench, "b", 0);
  bench.loop.advance(1s);

  std::map<std::string, std::vector<const RunRecord*>> by_key;
  for (const auto& run : bench.listener.runs) by_key[run.key].push_back(&run);
  ASSERT_EQ(by_key.size(), 2u);
  for (const auto& [key, runs] : by_key) {
    ASSERT_EQ(runs.size(), 3u);
    for (const auto* run : runs) EXPECT_EQ(run->trace.trace, runs.front()->trace.trace);
    EXPECT_EQ(runs[0]->outcome, RunOutcome::failed);
    EXPECT_EQ(runs[2]->outcome, RunOutcome::buried);
    EXPECT_FALSE(runs[0]->detailed) << "nobody wanted it";
  }
  EXPECT_NE(by_key["a"].front()->trace.trace, by_key["b"].front()->trace.trace);
}

TEST(Traces, RunsThatBecomeOneCommitAreToldOneByOne) {
  Service service{"notes"};
  service.on<Noted>("noted", [](Transaction& tx, const Noted& event) {
    auto note = tx.find<Note>(event.key).value_or(Note{.id = event.key});
    ++note.count;
    tx.put(note);
    tx.publish_after(1h, Batch{event.key, event.number});
  });
  Traced bench{service};
  for (int i = 0; i < 5; ++i) append(bench, "a", i);
  const int before = bench.store.commits;
  BenchDispatcher dispatcher{bench};
  bench.loop.advance(1s);
  ASSERT_EQ(bench.listener.runs.size(), 5u);
  EXPECT_LT(bench.store.commits - before, 5) << "they did not run together, so this shows nothing";
  for (int i = 0; i < 5; ++i) {
    const auto& run = bench.listener.runs[static_cast<std::size_t>(i)];
    EXPECT_NE(run.lsn, Lsn{});
    ASSERT_EQ(run.documents.size(), 1u);
    const auto counted = [](int count) { return R"({"id":"a","text":"","count":)" + std::to_string(count) + "}"; };
    EXPECT_EQ(run.documents[0].before, i == 0 ? std::nullopt : std::optional{counted(i)});
    EXPECT_EQ(run.documents[0].after, counted(i + 1));
    ASSERT_EQ(run.published.size(), 1u);
    EXPECT_NE(run.published[0].timer, "");
    EXPECT_EQ(run.published[0].due, bench.clock.now() - 1s + 1h);
  }
}

TEST(Traces, ARunThatWasOvertakenIsToldAsAConflict) {
  Service service{"notes"};
  Bench* at = nullptr;
  int runs = 0;
  service.on<Noted>("noted", [&](Transaction& tx, const Noted& event) {
    const auto note = tx.find<Note>(event.key);
    if (++runs == 1) {  // somebody else is quicker
      const Cause cause{.service = "notes", .scope = "other", .reach = {}, .id = "other"};
      detail::TransactionState other{at->store, at->catalog, cause, at->clock.now(), 77};
      Transaction{other}.put(Note{.id = event.key, .text = "other"});
      other.commit(std::nullopt, {}, false).or_raise();
    }
    tx.put(Note{.id = event.key, .text = note ? note->text + " and mine" : "mine"});
  });
  Traced bench{service};
  at = &bench;
  BenchDispatcher dispatcher{bench};
  append(bench, "a", 0);
  bench.loop.advance(1s);
  const auto& told = bench.listener.runs;
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].outcome, RunOutcome::conflict);
  EXPECT_EQ(told[1].outcome, RunOutcome::ok);
  EXPECT_EQ(told[1].attempt, 1u);
  EXPECT_NE(told[0].trace.span, told[1].trace.span);
  ASSERT_EQ(told[1].documents.size(), 1u);
  EXPECT_EQ(told[1].documents[0].before, R"({"id":"a","text":"other","count":0})");
  EXPECT_EQ(told[1].documents[0].after, R"({"id":"a","text":"other and mine","count":0})");
}

TEST(Traces, OfRunsThatNobodyWantsOnlyFailuresAreTold) {
  Service service = make_notes();
  service.post("/fail", [](Transaction&) -> Note { throw std::runtime_error{"broken on purpose"}; });
  service.post("/refuse", [](Transaction&) -> Note { throw NotFound{"no such note"}; });
  Traced bench{service};
  bench.listener.wanting = false;
  std::vector<std::string> lines;
  log::set_sink([&](std::string_view line) { lines.emplace_back(line); });
  log::set_trace_source(current_trace);
  bench.call(0, publish("a", 1));
  const auto refused = bench.call(2, {.method = Method::post, .path = "/refuse"});
  EXPECT_TRUE(bench.listener.runs.empty());
  const auto failed = bench.call(1, {.method = Method::post, .path = "/fail"});
  log::set_trace_source(nullptr);
  log::set_sink({});

  ASSERT_EQ(bench.listener.runs.size(), 1u);
  const auto& run = bench.listener.runs.front();
  EXPECT_EQ(run.outcome, RunOutcome::failed);
  EXPECT_EQ(run.status, 500);
  EXPECT_EQ(run.error, "broken on purpose");
  EXPECT_NE(failed.body.find(R"("trace_id":")" + run.trace.trace.text()), std::string::npos) << failed.body;
  EXPECT_NE(refused.body.find(R"("trace_id":")"), std::string::npos) << refused.body;
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("trace_id=" + run.trace.trace.text()), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("span_id=" + run.trace.span.text()), std::string::npos) << lines[0];
}

}  // namespace
}  // namespace tidemark::kit
