#include "kit/monitor/run_memory.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace tidemark::kit {
namespace {

// What the containers and the allocator take beside what is in them.
constexpr std::size_t TRACE_BYTES = 400, RUN_BYTES = 64, TEXT_BYTES = 64;
constexpr std::size_t PARTS_OF_ROOM = 8;  // a trace, and all that only read, may take one

std::size_t heap_bytes(const std::string& text) {
  return text.capacity() <= std::string{}.capacity() ? 0 : text.capacity() + 16;
}

std::size_t heap_bytes(const std::optional<std::string>& text) { return text ? heap_bytes(*text) : 0; }

std::size_t bytes_of(const RunRecord& run) {
  std::size_t bytes = sizeof(RunRecord) + RUN_BYTES;
  for (const auto* text : {&run.service, &run.name, &run.group, &run.ce_id, &run.key, &run.path, &run.error})
    bytes += heap_bytes(*text);
  bytes += run.published.capacity() * sizeof(PublishedEvent);
  for (const auto& event : run.published)
    for (const auto* text : {&event.topic, &event.ce_id, &event.type, &event.key, &event.timer})
      bytes += heap_bytes(*text);
  bytes += run.documents.capacity() * sizeof(ChangedDocument);
  for (const auto& document : run.documents)
    bytes += heap_bytes(document.collection) + heap_bytes(document.id) + heap_bytes(document.before) +
             heap_bytes(document.after);
  bytes += run.cancelled_timers.capacity() * sizeof(std::string);
  for (const auto& timer : run.cancelled_timers) bytes += heap_bytes(timer);
  return bytes;
}

// What a run is found by.
template <class See>
void for_each_text(const RunRecord& run, const See& see) {
  const auto see_some = [&](const std::string& text) {
    if (!text.empty()) see(text);
  };
  see_some(run.key);
  see_some(run.ce_id);
  for (const auto& event : run.published) {
    see_some(event.ce_id);
    see_some(event.key);
  }
  for (const auto& document : run.documents) see_some(document.id);
}

bool has_to_do_with(const RunRecord& run, std::string_view text) {
  bool found = false;
  for_each_text(run, [&](const std::string& other) { found = found || other == text; });
  return found;
}

}  // namespace

bool is_failure(const RunRecord& run) { return run.outcome == RunOutcome::failed || run.outcome == RunOutcome::buried; }

bool only_reads(const RunRecord& run) {
  return run.kind == RunKind::request && run.outcome == RunOutcome::ok && run.published.empty() &&
         run.documents.empty() && run.cancelled_timers.empty();
}

struct RunMemory::Trace {
  std::uint64_t number;
  telemetry::TraceId id;
  std::vector<Run> runs;
  std::vector<std::uint64_t> texts;  // hashes; sorted, each once
  std::size_t bytes = TRACE_BYTES;
  bool whole = true;
  Kind kind = READING;
  std::list<Trace*>::iterator place;  // on the shelf of its kind
};

RunMemory::RunMemory(std::size_t bytes_max) : bytes_max_{bytes_max} {}
RunMemory::~RunMemory() = default;

RunMemory::Added RunMemory::add(RunRecord run) {
  Added added;
  Trace& trace = trace_of(run, added.is_new_trace);
  touch(trace, is_failure(run) ? FAILING : only_reads(run) ? READING : ORDINARY);
  index(trace, run);
  grow(trace, bytes_of(run));
  trace.runs.push_back(std::make_shared<const RunRecord>(std::move(run)));
  ++runs_;
  while (trace.bytes > bytes_max_ / PARTS_OF_ROOM && trace.runs.size() > 1) shorten(trace, added);
  make_room(added, trace);
  return added;
}

void RunMemory::grow(Trace& trace, std::size_t bytes) {
  trace.bytes += bytes;
  bytes_ += bytes;
  shelves_[trace.kind].bytes += bytes;
}

void RunMemory::shrink(Trace& trace, std::size_t bytes) {
  trace.bytes -= bytes;
  bytes_ -= bytes;
  shelves_[trace.kind].bytes -= bytes;
}

RunMemory::Trace& RunMemory::trace_of(const RunRecord& run, bool& is_new) {
  auto& known = by_id_[run.trace.trace];
  if (known == nullptr) {
    is_new = true;
    auto made = std::make_unique<Trace>();
    made->number = next_number_++;
    made->id = run.trace.trace;
    auto& shelf = shelves_[made->kind];
    made->place = shelf.traces.insert(shelf.traces.end(), made.get());
    shelf.bytes += made->bytes;
    bytes_ += made->bytes;
    known = made.get();
    by_number_.emplace(known->number, std::move(made));
  }
  return *known;
}

// It is the one with the newest run now, and may be of another kind by that.
void RunMemory::touch(Trace& trace, Kind kind) {
  auto& from = shelves_[trace.kind];
  trace.kind = std::max(trace.kind, kind);
  auto& to = shelves_[trace.kind];
  from.bytes -= trace.bytes;
  to.bytes += trace.bytes;
  to.traces.splice(to.traces.end(), from.traces, trace.place);
}

void RunMemory::index(Trace& trace, const RunRecord& run) {
  for_each_text(run, [&](const std::string& text) {
    const auto hash = hash64(text);
    const auto place = std::ranges::lower_bound(trace.texts, hash);
    if (place != trace.texts.end() && *place == hash) return;
    trace.texts.insert(place, hash);
    by_text_.insert({hash, trace.number});
    grow(trace, TEXT_BYTES);
  });
}

void RunMemory::make_room(Added& added, const Trace& newest) {
  while (bytes_ > bytes_max_) drop(oldest_but(newest), added);
}

// Which is to go; the newest one only where it is alone.
RunMemory::Trace& RunMemory::oldest_but(const Trace& newest) const {
  const bool too_much_reads = shelves_[READING].bytes > bytes_max_ / PARTS_OF_ROOM;
  const bool too_much_fails = shelves_[FAILING].bytes > bytes_max_ / 2;
  const Kind first = too_much_reads ? READING : too_much_fails ? FAILING : ORDINARY;
  Trace* oldest = nullptr;
  for (const Kind kind : {first, ORDINARY, READING, FAILING}) {
    if (shelves_[kind].traces.empty()) continue;
    oldest = shelves_[kind].traces.front();
    if (oldest != &newest) break;
  }
  return *oldest;
}

void RunMemory::forget_texts(Trace& trace) {
  for (const auto hash : trace.texts) by_text_.erase({hash, trace.number});
  shrink(trace, trace.texts.size() * TEXT_BYTES);
  trace.texts.clear();
}

void RunMemory::shorten(Trace& trace, Added& added) {
  const auto half = trace.runs.begin() + static_cast<std::ptrdiff_t>((trace.runs.size() + 1) / 2);
  for (auto run = trace.runs.begin(); run != half; ++run) {
    shrink(trace, bytes_of(**run));
    added.dropped.push_back(std::move(*run));
    --runs_;
  }
  trace.runs.erase(trace.runs.begin(), half);
  trace.whole = false;
  forget_texts(trace);
  for (const auto& run : trace.runs) index(trace, *run);
}

void RunMemory::drop(Trace& trace, Added& added) {
  forget_texts(trace);
  for (auto& run : trace.runs) added.dropped.push_back(std::move(run));
  runs_ -= trace.runs.size();
  shrink(trace, trace.bytes);
  shelves_[trace.kind].traces.erase(trace.place);
  by_id_.erase(trace.id);
  by_number_.erase(trace.number);
}

RememberedTrace RunMemory::copy_of(const Trace& trace) const {
  return {.number = trace.number,
          .id = trace.id,
          .runs = trace.runs,
          .whole = trace.whole,
          .only_reads = trace.kind == READING};
}

std::optional<RememberedTrace> RunMemory::find(const telemetry::TraceId& trace) const {
  const auto found = by_id_.find(trace);
  if (found == by_id_.end()) return std::nullopt;
  return copy_of(*found->second);
}

std::vector<RememberedTrace> RunMemory::find(std::string_view text, std::size_t count) const {
  std::vector<RememberedTrace> found;
  const auto hash = hash64(text);
  for (auto at = by_text_.lower_bound({hash + 1, 0}); found.size() < count && at != by_text_.begin();) {
    --at;
    if (at->first != hash) break;
    const Trace& trace = *by_number_.at(at->second);
    if (trace.kind == READING) continue;
    // Two texts may have one hash.
    if (std::ranges::any_of(trace.runs, [&](const Run& run) { return has_to_do_with(*run, text); }))
      found.push_back(copy_of(trace));
  }
  return found;
}

std::vector<RememberedTrace> RunMemory::newest(std::uint64_t below, std::size_t count) const {
  std::vector<RememberedTrace> found;
  for (auto at = by_number_.lower_bound(below); found.size() < count && at != by_number_.begin();)
    found.push_back(copy_of(*(--at)->second));
  return found;
}

}  // namespace tidemark::kit
