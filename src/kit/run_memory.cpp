#include "kit/run_memory.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace tidemark::kit {
namespace {

// What the containers and the allocator take beside what is in them.
constexpr std::size_t TRACE_BYTES = 400, RUN_BYTES = 64, TEXT_BYTES = 64;
constexpr std::size_t PARTS_OF_ROOM = 8;

std::size_t heap_bytes(const std::string& text) { return text.capacity() < sizeof text ? 0 : text.capacity() + 16; }

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

struct RunMemory::Trace {
  std::uint64_t number;
  telemetry::TraceId id;
  std::vector<Run> runs;
  std::vector<std::uint64_t> texts;  // hashes; sorted, each once
  std::size_t bytes = TRACE_BYTES;
  bool failing = false, whole = true;
  Traces::iterator place;
};

RunMemory::RunMemory(std::size_t bytes_max) : bytes_max_{bytes_max} {}
RunMemory::~RunMemory() = default;

RunMemory::Added RunMemory::add(RunRecord run) {
  Added added;
  Trace& trace = trace_of(run, added.is_new_trace);
  touch(trace, is_failure(run));
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
  if (trace.failing) failing_bytes_ += bytes;
}

void RunMemory::shrink(Trace& trace, std::size_t bytes) {
  trace.bytes -= bytes;
  bytes_ -= bytes;
  if (trace.failing) failing_bytes_ -= bytes;
}

RunMemory::Trace& RunMemory::trace_of(const RunRecord& run, bool& is_new) {
  auto& known = by_id_[run.trace.trace];
  if (known == nullptr) {
    is_new = true;
    auto made = std::make_unique<Trace>();
    made->number = next_number_++;
    made->id = run.trace.trace;
    made->place = ordinary_.insert(ordinary_.end(), made.get());
    known = made.get();
    bytes_ += known->bytes;
    by_number_.emplace(known->number, std::move(made));
  }
  return *known;
}

// It is the one with the newest run now.
void RunMemory::touch(Trace& trace, bool failed) {
  auto& from = trace.failing ? failing_ : ordinary_;
  if (failed && !trace.failing) {
    trace.failing = true;
    failing_bytes_ += trace.bytes;
  }
  auto& to = trace.failing ? failing_ : ordinary_;
  to.splice(to.end(), from, trace.place);
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
  while (bytes_ > bytes_max_) {
    const bool too_much_fails = failing_bytes_ > bytes_max_ / 2 || ordinary_.empty();
    Trace& oldest = too_much_fails ? *failing_.front() : *ordinary_.front();
    if (&oldest == &newest && by_id_.size() > 1) {  // it is the only one of its kind: one of the others goes
      drop(too_much_fails ? *ordinary_.front() : *failing_.front(), added);
    } else {
      drop(oldest, added);
    }
  }
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
  (trace.failing ? failing_ : ordinary_).erase(trace.place);
  by_id_.erase(trace.id);
  by_number_.erase(trace.number);
}

RememberedTrace RunMemory::copy_of(const Trace& trace) const {
  return {.number = trace.number, .id = trace.id, .runs = trace.runs, .whole = trace.whole};
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
