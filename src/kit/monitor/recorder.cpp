#include "kit/monitor/recorder.hpp"

#include <algorithm>

namespace tidemark::kit {
namespace {

// A run with more than this share of the memory is kept without what its documents are.
constexpr std::size_t PARTS_FOR_DOCUMENTS = 32;
constexpr std::uint64_t SHARE_MIN = 1 << 16;
constexpr std::size_t TRACES_LOOKED_AT = 1000;

void leave_out(std::optional<std::string>& document) {
  if (document) document = "\"" + std::to_string(document->size()) + " bytes: too large to be remembered\"";
}

void bound(RunRecord& run, std::size_t bytes_max) {
  std::size_t bytes = 0;
  for (const auto& document : run.documents)
    bytes += (document.before ? document.before->size() : 0) + (document.after ? document.after->size() : 0);
  if (bytes <= bytes_max) return;
  for (auto& document : run.documents) {
    leave_out(document.before);
    leave_out(document.after);
  }
}

bool changed(const RunRecord& run, std::string_view collection, std::string_view id) {
  return std::ranges::any_of(
      run.documents, [&](const auto& document) { return document.collection == collection && document.id == id; });
}

}  // namespace

Recorder::Recorder(std::size_t bytes_max, Clock& clock)
    : bytes_max_{bytes_max}, clock_{clock}, memory_{bytes_max}, second_began_{clock.instant()} {}

std::atomic<std::uint64_t>& Recorder::recent(const telemetry::TraceId& trace) {
  return recent_[(trace.low ^ trace.high >> 32) % RECENT_COUNT];
}

bool Recorder::wants(const telemetry::TraceContext& context) {
  if (!is_on()) return false;
  const auto& trace = context.trace;
  const std::uint64_t tag = trace.high ^ trace.low;
  auto& seen = recent(trace);
  if (seen.load(std::memory_order_relaxed) == tag) return true;
  if (trace.low >> (64 - SHARE_BITS) >= share_.load(std::memory_order_relaxed)) return false;
  seen.store(tag, std::memory_order_relaxed);
  return true;
}

void Recorder::ran(RunRecord&& run) {
  if (!is_on()) return;
  const bool failed = is_failure(run);
  if (failed)
    recent(run.trace.trace).store(run.trace.trace.high ^ run.trace.trace.low, std::memory_order_relaxed);
  else if (!run.detailed || !wants(run.trace))
    return;
  bound(run, bytes_max_ / PARTS_FOR_DOCUMENTS);

  RunMemory::Added added;  // what goes is destroyed outside of the lock
  const std::lock_guard lock{mutex_};
  for (const auto& event : run.published)
    if (publishers_.size() < PAIRS_MAX) publishers_.emplace(run.service, event.topic);
  added = memory_.add(std::move(run));
  if (added.is_new_trace && !failed) adapt(clock_.instant());
}

// The share is halved as soon as a second has brought more than there may be, and doubled when one has brought less
// than half of it.
void Recorder::adapt(Instant now) {
  std::uint64_t share = share_.load(std::memory_order_relaxed);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - second_began_).count();
  if (seconds > 0) {
    const auto doublings =
        std::min<std::int64_t>(seconds - 1 + (new_in_second_ < TRACES_PER_S / 2 ? 1 : 0), SHARE_BITS);
    for (std::int64_t i = 0; i < doublings; ++i) share = std::min(share * 2, std::uint64_t{1} << SHARE_BITS);
    second_began_ = now;
    new_in_second_ = 0;
  }
  if (++new_in_second_ > TRACES_PER_S) {
    share = std::max(share / 2, SHARE_MIN);
    new_in_second_ = TRACES_PER_S / 2;  // as many as the half would have been
  }
  share_.store(share, std::memory_order_relaxed);
}

std::optional<RememberedTrace> Recorder::find(const telemetry::TraceId& trace) const {
  const std::lock_guard lock{mutex_};
  return memory_.find(trace);
}

std::vector<RememberedTrace> Recorder::find(std::string_view text, std::size_t count) const {
  const std::lock_guard lock{mutex_};
  return memory_.find(text, count);
}

std::vector<RememberedTrace> Recorder::newest(std::uint64_t below, std::size_t count) const {
  const std::lock_guard lock{mutex_};
  return memory_.newest(below, count);
}

std::vector<RunMemory::Run> Recorder::changes_of(std::string_view collection, std::string_view id,
                                                 std::size_t count) const {
  std::vector<RunMemory::Run> changes;
  for (const auto& trace : find(id, TRACES_LOOKED_AT))
    for (const auto& run : trace.runs)
      if (changed(*run, collection, id)) changes.push_back(run);
  std::ranges::stable_sort(changes, std::ranges::greater{}, [](const auto& run) {
    return std::pair{run->lsn, run->start};
  });
  if (changes.size() > count) changes.resize(count);
  return changes;
}

std::set<std::pair<std::string, std::string>> Recorder::publishers() const {
  const std::lock_guard lock{mutex_};
  return publishers_;
}

Recorder::Stats Recorder::stats() const {
  const std::lock_guard lock{mutex_};
  return {.bytes = memory_.bytes(),
          .bytes_max = bytes_max_,
          .traces = memory_.traces(),
          .runs = memory_.runs(),
          .share = static_cast<double>(share_.load(std::memory_order_relaxed)) /
                   static_cast<double>(std::uint64_t{1} << SHARE_BITS)};
}

}  // namespace tidemark::kit
