#include "kit/monitor/journey.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "json/scalar.hpp"
#include "kit/monitor/entry_time.hpp"

namespace tidemark::kit {
namespace {

using std::chrono::time_point_cast;

std::string text_of(std::optional<std::string_view> field) { return std::string{field.value_or("")}; }

std::optional<std::string> if_any(const std::string& text) { return text.empty() ? std::nullopt : std::optional{text}; }

std::optional<std::string> if_any(telemetry::SpanId span) { return span ? std::optional{span.text()} : std::nullopt; }

std::string service_of(std::string_view source) {
  return std::string{source.starts_with('/') ? source.substr(1) : source};
}

double milliseconds(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000; }

std::string_view word_for(const RunRecord& run) {
  switch (run.outcome) {
    case RunOutcome::ok: return "ok";
    case RunOutcome::rejected: return "rejected";
    case RunOutcome::conflict: return "conflict";
    case RunOutcome::failed: return "failed";
    case RunOutcome::buried: return "dead_letter";
  }
  return "failed";
}

std::optional<Json> as_json(const std::optional<std::string>& text) {
  return text ? std::optional{Json{*text}} : std::nullopt;
}

// A step before it is put in its place.
struct Placed {
  Moment at;
  JourneyStep step;
  TimePoint caused{};  // when what published an event came: orders those of one millisecond
};

// Collects the steps; an event is told of by who published it, by who handled it and by its topic, and is one step.
class Steps {
 public:
  void add(const RunRecord& run);
  void add(const FoundEvent& event);
  std::vector<JourneyStep> in_order(TimePoint now);
  bool complete() const;

 private:
  using EventName = std::pair<std::string, std::string>;  // topic, and ce_id or the entry's id

  Placed& event_step(const std::string& topic, const std::string& ce_id, const std::string& entry_id);
  void add_published(const RunRecord& run, const PublishedEvent& event);
  void add_handled(const RunRecord& run);
  void end_timers(TimePoint now);

  std::vector<Placed> runs_, timers_, letters_;
  std::map<EventName, Placed> events_;
  std::set<std::uint64_t> spans_;       // of the runs
  std::set<std::uint64_t> publishers_;  // of the events, and of the runs' events
  std::set<std::string> cancelled_;     // names of timers
  std::vector<std::tuple<std::size_t, std::string, std::string, TimePoint>> set_;  // timer's step, name, event, due
};

Placed& Steps::event_step(const std::string& topic, const std::string& ce_id, const std::string& entry_id) {
  auto& placed = events_[{topic, ce_id.empty() ? entry_id : ce_id}];
  auto& step = placed.step;
  step.kind = "event";
  step.name = topic;
  step.topic = topic;
  step.ce_id = if_any(ce_id);
  return placed;
}

void Steps::add_published(const RunRecord& run, const PublishedEvent& event) {
  const auto at = run.start + run.until_commit;
  if (!event.due) {
    auto& placed = event_step(event.topic, event.ce_id, {});
    placed.at = at;
    placed.step.service = run.service;
    placed.step.trace_id = run.trace.trace.text();
    placed.step.span_id = run.trace.span.text();
    placed.step.key = if_any(event.key);
    placed.step.type = if_any(event.type);
    return;
  }
  JourneyStep step{.kind = "timer", .at = {}, .duration_ms = {}, .name = event.topic};
  step.duration_ms = std::max(0.0, milliseconds(*event.due - at));
  step.service = run.service;
  step.trace_id = run.trace.trace.text();
  step.parent_span_id = run.trace.span.text();
  step.topic = event.topic;
  step.ce_id = if_any(event.ce_id);
  step.key = if_any(event.key);
  step.type = if_any(event.type);
  set_.emplace_back(timers_.size(), event.timer, event.ce_id, *event.due);
  timers_.push_back({at, std::move(step)});
}

// What the run knows of the event that it is about, for one that nothing else tells of.
void Steps::add_handled(const RunRecord& run) {
  const auto entry_id = run.entry.text();
  auto& placed = event_step(run.name, run.ce_id, entry_id);
  if (placed.at == Moment{}) placed.at = time_of(run.entry);
  if (!placed.step.key) placed.step.key = if_any(run.key);
  if (!placed.step.trace_id) placed.step.trace_id = run.trace.trace.text();
  if (!placed.step.span_id) placed.step.span_id = if_any(run.parent);
}

void Steps::add(const RunRecord& run) {
  const bool is_request = run.kind == RunKind::request;
  spans_.insert(run.trace.span.value);
  JourneyStep step{.kind = is_request ? "request" : "run", .at = {}, .duration_ms = milliseconds(run.duration)};
  step.service = run.service;
  step.name = run.name;
  step.trace_id = run.trace.trace.text();
  step.span_id = run.trace.span.text();
  step.parent_span_id = if_any(run.parent);
  step.outcome = word_for(run);
  step.error = if_any(run.error);
  step.key = if_any(run.key);
  if (run.lsn.value > 0) step.lsn = run.lsn.value;
  if (is_request) {
    if (run.status > 0) step.status = static_cast<std::uint16_t>(run.status);
  } else {
    step.attempt = run.attempt;
    step.topic = run.name;
    step.group = run.group;
    step.entry_id = run.entry.text();
    step.ce_id = if_any(run.ce_id);
    if (run.parent) publishers_.insert(run.parent.value);
    add_handled(run);
  }
  for (const auto& document : run.documents)
    step.documents.push_back({document.collection, document.id, as_json(document.before), as_json(document.after)});
  for (const auto& event : run.published) add_published(run, event);
  cancelled_.insert(run.cancelled_timers.begin(), run.cancelled_timers.end());
  runs_.push_back({run.start, std::move(step)});
}

void Steps::add(const FoundEvent& event) {
  if (event.is_dead_letter) {
    JourneyStep step{.kind = "dead_letter", .at = {}, .duration_ms = {}, .name = event.topic};
    step.trace_id = event.trace.trace.text();
    step.span_id = if_any(event.trace.span);
    step.attempt = event.attempts;
    step.outcome = "dead_letter";
    step.error = if_any(event.error);
    step.topic = event.topic;
    step.entry_id = event.id.text();
    step.ce_id = if_any(event.ce_id);
    step.key = if_any(event.key);
    step.type = if_any(event.type);
    letters_.push_back({.at = time_of(event.id), .step = std::move(step)});
    return;
  }
  if (event.trace.span) publishers_.insert(event.trace.span.value);
  auto& placed = event_step(event.topic, event.ce_id, event.id.text());
  auto& step = placed.step;
  if (placed.at == Moment{}) placed.at = time_of(event.id);
  placed.caused = event.caused;
  step.entry_id = event.id.text();
  if (!step.service) step.service = if_any(service_of(event.source));
  step.trace_id = event.trace.trace.text();
  step.span_id = if_any(event.trace.span);
  if (!event.key.empty()) step.key = event.key;
  step.type = if_any(event.type);
}

void Steps::end_timers(TimePoint now) {
  for (const auto& [number, name, event, due] : set_) {
    auto& step = timers_[number].step;
    if (events_.contains({*step.topic, event}))
      step.outcome = "published";
    else if (cancelled_.contains(name))
      step.outcome = "cancelled";
    else if (due > now)
      step.outcome = "waiting";
  }
}

std::vector<JourneyStep> Steps::in_order(TimePoint now) {
  end_timers(now);
  std::vector<Placed> all, events;
  for (auto* some : {&runs_, &timers_, &letters_}) std::ranges::move(*some, std::back_inserter(all));
  for (auto& [name, placed] : events_) events.push_back(std::move(placed));
  std::ranges::stable_sort(events, {}, &Placed::caused);
  std::ranges::move(events, std::back_inserter(all));
  std::ranges::stable_sort(all, {}, &Placed::at);
  std::vector<JourneyStep> steps;
  for (auto& [at, step, caused] : all) {
    step.at = time_point_cast<std::chrono::milliseconds>(at);
    step.offset_ms = milliseconds(at - all.front().at);
    steps.push_back(std::move(step));
  }
  return steps;
}

// Whoever published one of the events is remembered.
bool Steps::complete() const { return !runs_.empty() && std::ranges::includes(spans_, publishers_); }

}  // namespace

FoundEvent found_event(std::string topic, const model::Entry& entry, bool is_dead_letter) {
  const auto& fields = entry.fields;
  FoundEvent event{.topic = std::move(topic), .id = entry.id};
  event.ce_id = text_of(fields.find("ce_id"));
  event.type = text_of(fields.find("ce_type"));
  event.source = text_of(fields.find("ce_source"));
  event.key = text_of(fields.find("ce_subject"));
  const auto trace = telemetry::TraceContext::parse(text_of(fields.find("ce_traceparent")));
  const auto own_id = is_dead_letter ? text_of(fields.find("dl_id")) : entry.id.text();
  event.trace = trace.value_or(
      telemetry::TraceContext{telemetry::TraceId::derived_from(event.ce_id.empty() ? own_id : event.ce_id), {}, false});
  event.caused = json::parse_time(text_of(fields.find("ce_time"))).value_or(time_of(entry.id));
  event.is_dead_letter = is_dead_letter;
  if (!is_dead_letter) return event;
  event.error = text_of(fields.find("dl_error"));
  const auto attempts = text_of(fields.find("dl_attempts"));
  std::from_chars(attempts.data(), attempts.data() + attempts.size(), event.attempts);
  return event;
}

Journey journey_of(const std::vector<RememberedTrace>& traces, std::vector<FoundEvent> events, TimePoint now) {
  Steps steps;
  Journey journey;
  bool whole = true;
  std::vector<RunMemory::Run> runs;
  for (const auto& trace : traces) {
    whole = whole && trace.whole;
    runs.insert(runs.end(), trace.runs.begin(), trace.runs.end());
  }
  // Who published an event comes before who handled it: what is said first of it stays.
  std::ranges::stable_sort(runs, {}, [](const auto& run) { return run->start; });
  for (const auto& run : runs) steps.add(*run);
  std::set<std::pair<std::string, StreamId>> seen;
  for (const auto& event : events)
    if (seen.insert({event.topic, event.id}).second) steps.add(event);
  journey.complete = steps.complete() && whole;
  const bool has_letter = std::ranges::any_of(events, &FoundEvent::is_dead_letter);
  journey.outcome = !runs.empty() ? outcome_of(runs) : has_letter ? "dead_letter" : "unknown";
  journey.steps = steps.in_order(now);
  if (!journey.steps.empty()) journey.trace_id = journey.steps.front().trace_id;
  return journey;
}

std::string_view outcome_of(const std::vector<RunMemory::Run>& runs) {
  // The newest run of each event at each handler says how that stands; a request stands for itself.
  std::map<std::tuple<std::string, std::string, std::string>, const RunRecord*> newest;
  bool failed = false, rejected = false, retrying = false, dead = false;
  for (const auto& run : runs) {
    if (run->kind == RunKind::request) {
      failed = failed || run->outcome == RunOutcome::failed;
      rejected = rejected || run->outcome == RunOutcome::rejected;
      continue;
    }
    auto& last = newest[{run->group, run->name, run->ce_id.empty() ? run->entry.text() : run->ce_id}];
    if (last == nullptr || last->start <= run->start) last = run.get();
  }
  for (const auto& [event, run] : newest) {
    dead = dead || run->outcome == RunOutcome::buried;
    retrying = retrying || run->outcome == RunOutcome::failed || run->outcome == RunOutcome::conflict;
  }
  return dead ? "dead_letter" : failed ? "failed" : retrying ? "retrying" : rejected ? "rejected" : "ok";
}

JourneySummary summary_of(const RememberedTrace& trace) {
  JourneySummary summary{.trace_id = trace.id.text(), .started = {}, .outcome = std::string{outcome_of(trace.runs)}};
  const auto first = std::ranges::min(trace.runs, {}, [](const auto& run) { return run->start; });
  summary.started = time_point_cast<std::chrono::milliseconds>(first->start);
  summary.name = first->name;
  summary.service = first->service;
  Moment end = first->start;
  for (const auto& run : trace.runs) {
    end = std::max(end, run->start + run->duration);
    summary.steps += 1 + run->published.size();
    if (std::ranges::find(summary.services, run->service) == summary.services.end())
      summary.services.push_back(run->service);
  }
  summary.duration_ms = milliseconds(end - first->start);
  return summary;
}

}  // namespace tidemark::kit
