#include "kit/monitor/trace_export.hpp"

#include "json/scalar.hpp"

namespace tidemark::kit {
namespace {

using telemetry::Span;

constexpr std::string_view TOPIC = "messaging.destination.name";
constexpr std::string_view MESSAGE_ID = "messaging.message.id";
constexpr std::string_view KEY = "tidemark.key";
constexpr std::size_t EVENTS_MAX = 128;  // OpenTelemetry's EventCountLimit

std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

std::string_view text_of(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::ok: return "ok";
    case RunOutcome::rejected: return "rejected";
    case RunOutcome::conflict: return "conflict";
    case RunOutcome::failed: return "failed";
    case RunOutcome::buried: return "dead_letter";
  }
  return "";
}

void describe_request(Span& span, const RunRecord& run) {
  span.kind = Span::Kind::server;
  span.name = run.name;
  const auto space = run.name.find(' ');  // "POST /orders"
  span.attributes = {{"http.request.method", run.name.substr(0, space)},
                     {"http.route", run.name.substr(space + 1)},
                     {"url.path", run.path},
                     {"url.scheme", "http"},
                     {"http.response.status_code", std::int64_t{run.status}}};
  if (run.conflicts > 0) span.attributes.push_back({"tidemark.conflicts", std::int64_t{run.conflicts}});
  if (run.status >= 400) span.attributes.push_back({"error.type", std::to_string(run.status)});
}

void describe_handler(Span& span, const RunRecord& run) {
  span.kind = Span::Kind::consumer;
  span.name = "process " + run.name;
  span.attributes = {{"messaging.system", "tidemark"},
                     {"messaging.operation.name", "process"},
                     {"messaging.operation.type", "process"},
                     {TOPIC, run.name},
                     {"messaging.consumer.group.name", run.group},
                     {"tidemark.entry_id", run.entry.text()},
                     {"tidemark.attempt", std::int64_t{run.attempt}}};
  if (!run.ce_id.empty()) span.attributes.push_back({MESSAGE_ID, run.ce_id});
  if (span.failed) span.attributes.push_back({"error.type", std::string{text_of(run.outcome)}});
}

Span::Event told(const PublishedEvent& event, Moment at) {
  Span::Event published{at, event.due ? "set timer" : "publish", {}};
  published.attributes = {{TOPIC, event.topic}, {MESSAGE_ID, event.ce_id}, {KEY, event.key}};
  json::ScalarBuffer buffer;
  if (event.due) published.attributes.push_back({"tidemark.due", std::string{json::format(*event.due, buffer)}});
  return published;
}

Span::Event told(const ChangedDocument& document, Moment at) {
  return {at,
          document.after ? "put document" : "erase document",
          {{"tidemark.collection", document.collection},
           {"tidemark.document_id", document.id},
           {"tidemark.version", number(document.version)}}};
}

// What took effect with the run: of one that did not commit, nothing did.
void describe_effects(Span& span, const RunRecord& run) {
  const auto add = [&](const auto& effect) {
    if (span.events.size() < EVENTS_MAX)
      span.events.push_back(told(effect, span.end));
    else
      ++span.events_dropped;
  };
  for (const auto& event : run.published) add(event);
  for (const auto& document : run.documents) add(document);
}

Span commit_of(const RunRecord& run, const Span& parent) {
  Span span;
  span.context = parent.context.child();
  span.parent = parent.context.span;
  span.service = run.service;
  span.name = "commit";
  span.start = run.start + run.until_commit;
  span.end = parent.end;
  span.attributes = {{"tidemark.lsn", number(run.lsn.value)},
                     {"tidemark.documents", number(run.documents.size())},
                     {"tidemark.events", number(run.published.size())}};
  return span;
}

}  // namespace

std::vector<Span> spans_of(const RunRecord& run) {
  Span span;
  span.context = run.trace;
  span.parent = run.parent;
  span.service = run.service;
  span.start = run.start;
  span.end = run.start + run.duration;
  span.failed = run.outcome == RunOutcome::failed || run.outcome == RunOutcome::buried;
  span.error = run.error;
  run.kind == RunKind::request ? describe_request(span, run) : describe_handler(span, run);
  if (!run.key.empty()) span.attributes.push_back({KEY, run.key});
  span.attributes.push_back({"tidemark.outcome", std::string{text_of(run.outcome)}});

  std::vector<Span> spans;
  if (run.outcome == RunOutcome::ok) {
    describe_effects(span, run);
    if (run.lsn != Lsn{}) spans.push_back(commit_of(run, span));
  }
  spans.push_back(std::move(span));
  return spans;
}

void TraceExport::ran(RunRecord&& record) {
  if (!record.trace.sampled) return;
  for (auto& span : spans_of(record)) exporter_.offer(std::move(span));
}

}  // namespace tidemark::kit
