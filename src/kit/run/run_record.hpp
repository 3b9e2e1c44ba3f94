// RunRecord: what there is to tell about one run of an endpoint or of a handler, and RunObserver, who is told.
//
// A handler has a run for each attempt, and one for each time that it runs anew because what it had read was changed
// meanwhile; a request has one, with the number of its reruns. All runs of a trace (telemetry::TraceContext) tell one
// story: a run's parent is the span of the run that published the event, or the caller's.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/lsn.hpp"
#include "base/stream_id.hpp"
#include "telemetry/trace_context.hpp"

namespace tidemark::kit {

enum class RunKind : std::uint8_t { request, handler };

enum class RunOutcome : std::uint8_t {
  ok,        // committed
  rejected,  // the endpoint answered 4xx: by the caller's doing
  conflict,  // what the handler had read was changed meanwhile: another run follows at once
  failed,    // the function threw; of a handler: another attempt follows later
  buried,    // the handler's last attempt failed, or the event can't be read: it is among the dead letters
};

struct PublishedEvent {
  std::string topic;
  std::string ce_id;
  std::string type;
  std::string key;
  std::optional<TimePoint> due;  // a timer: when it is to be published
  std::string timer;             // its name then
};

struct ChangedDocument {
  std::string collection;  // with the service: "payments.order"
  std::string id;
  std::uint64_t version = 0;                 // the counter of the new one
  std::optional<std::string> before, after;  // JSON; none where there was, or is, none
};

struct RunRecord {
  telemetry::TraceContext trace;  // its span is this run's
  telemetry::SpanId parent;       // zero: the trace begins here
  RunKind kind = RunKind::request;
  RunOutcome outcome = RunOutcome::ok;
  bool detailed = false;  // somebody wanted it: `published`, `documents` and `cancelled_timers` are filled
  std::string service;
  std::string name;   // "POST /orders"; a handler's topic
  std::string group;  // a handler's

  // The event of a handler's run.
  StreamId entry;     // in its topic (or in the redrive topic or inbox that it came by)
  std::string ce_id;  // empty where it has none
  std::string key;    // which orders it; of a request: what says the partition, where it says that
  std::uint32_t attempt = 1;

  // A request's.
  std::string path;  // as it was asked for, without the query
  int status = 0;    // of the answer

  Moment start{};
  std::chrono::microseconds until_commit{};  // when the function returned; the rest is the commit
  std::chrono::microseconds duration{};      // a request's ends when its answer may go out, all durable
  std::string error;                         // of one that was rejected, failed or buried
  std::uint32_t conflicts = 0;               // a request's: how often it ran anew
  Lsn lsn;                                   // of the commit; zero where there was none

  std::vector<PublishedEvent> published;  // timers too; their parent is this run's span
  std::vector<ChangedDocument> documents;
  std::vector<std::string> cancelled_timers;
};

// Called on any thread, and at once: it must neither wait nor throw.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  // Whether the run that begins should be told with everything, copies of documents before and after included.
  virtual bool wants(const telemetry::TraceContext& trace) = 0;
  // Every run that was wanted, when it is over and committed, and every one that failed or was buried, wanted or not,
  // with what is known of it. With several observers also what another one wanted.
  virtual void ran(RunRecord&& record) = 0;
};

}  // namespace tidemark::kit
