// Journey: what became of an order (of any id), told as steps through all services, from the runs that this process
// remembers and from the events that stand in topics.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/stream_id.hpp"
#include "kit/monitor/run_memory.hpp"
#include "model/delivery.hpp"
#include "telemetry/trace_context.hpp"
#include "tidemark/described.hpp"

namespace tidemark::kit {

// An entry of a topic, as far as a journey tells of it.
struct FoundEvent {
  std::string topic;
  StreamId id;
  std::string ce_id;  // empty: it has none
  std::string type, source, key;
  telemetry::TraceContext trace;  // its span is the run's that published it; zero where it came without a trace
  TimePoint caused{};             // as it says itself: the time of what its publisher answered
  bool is_dead_letter = false;
  std::string error;           // a dead letter's
  std::uint32_t attempts = 0;  // a dead letter's
};

// The trace of an entry that came without one follows from its id, as for the run of a handler.
FoundEvent found_event(std::string topic, const model::Entry& entry, bool is_dead_letter);

struct StepDocument {
  std::string collection, id;
  std::optional<Json> before, after;
};
BOOST_DESCRIBE_STRUCT(StepDocument, (), (collection, id, before, after))

// What a journey consists of; docs/admin-api.md says what is there in which kind of step.
struct JourneyStep {
  std::string kind;  // request, event, run, timer, dead_letter
  TimePoint at;
  double offset_ms = 0;  // since the journey's first step; finer than the milliseconds of `at`
  std::optional<double> duration_ms;
  std::optional<std::string> service;
  std::string name;
  std::optional<std::string> trace_id, span_id, parent_span_id;
  std::optional<std::uint32_t> attempt;
  std::optional<std::string> outcome, error;
  std::optional<std::uint16_t> status;
  std::optional<std::uint64_t> lsn;
  std::optional<std::string> topic, group, entry_id, ce_id, key, type;
  std::vector<StepDocument> documents;
};
BOOST_DESCRIBE_STRUCT(JourneyStep, (),
                      (kind, at, offset_ms, duration_ms, service, name, trace_id, span_id, parent_span_id, attempt,
                       outcome, error, status, lsn, topic, group, entry_id, ce_id, key, type, documents))

struct Journey {
  std::optional<std::string> trace_id;  // of the first step
  std::string outcome;                  // as outcome_of() says; unknown where no run is remembered
  std::vector<JourneyStep> steps;       // in the order of their times
  bool complete = false;                // else runs are missing
};
BOOST_DESCRIBE_STRUCT(Journey, (), (trace_id, outcome, steps, complete))

// `events` may hold one twice, and such as the runs tell of, too. `now` says which timers are still to come.
Journey journey_of(const std::vector<RememberedTrace>& traces, std::vector<FoundEvent> events, TimePoint now);

// How it went with all of a trace's runs together: dead_letter, failed, retrying, rejected or ok. What failed at first
// and was done later is ok.
std::string_view outcome_of(const std::vector<RunMemory::Run>& runs);

// One line of a list of journeys.
struct JourneySummary {
  std::string trace_id;
  TimePoint started;
  double duration_ms = 0;
  std::string name;
  std::string service;
  std::vector<std::string> services;
  std::size_t steps = 0;
  std::string outcome;
};
BOOST_DESCRIBE_STRUCT(JourneySummary, (), (trace_id, started, duration_ms, name, service, services, steps, outcome))

JourneySummary summary_of(const RememberedTrace& trace);

}  // namespace tidemark::kit
