// Recorder: the process's memory of runs, from which journeys and the history of documents are told.
//
// All runs of a trace are kept or none, so that what is remembered is whole: of the traces as many as make about
// TRACES_PER_S new ones in a second, chosen by their ids, so that every process chooses the same ones at the same load.
// Every failure is kept beside, and what happens in its trace from then on. Memory is bounded (RunMemory).
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "kit/monitor/run_memory.hpp"
#include "kit/run/run_record.hpp"

namespace tidemark::kit {

// Any thread may call anything; nothing waits for longer than it takes to add a run or to copy some pointers.
class Recorder final : public RunObserver {
 public:
  static constexpr std::uint32_t TRACES_PER_S = 100;
  static constexpr std::size_t BYTES_STANDARD = 32 << 20;

  // With 0 bytes it remembers nothing.
  Recorder(std::size_t bytes_max, Clock& clock);

  bool wants(const telemetry::TraceContext& trace) override;
  void ran(RunRecord&& record) override;

  bool is_on() const { return bytes_max_ > 0; }
  std::optional<RememberedTrace> find(const telemetry::TraceId& trace) const;
  // Those that have to do with a key, an event's or a document's id; newest first.
  std::vector<RememberedTrace> find(std::string_view text, std::size_t count) const;
  // Newest first, with lower numbers than `below`.
  std::vector<RememberedTrace> newest(std::uint64_t below, std::size_t count) const;
  // The runs that changed the document, newest first. `collection` with the service, as in the run's record.
  std::vector<RunMemory::Run> changes_of(std::string_view collection, std::string_view id, std::size_t count) const;
  // Which service was seen to publish to which topic: at most PAIRS_MAX of them.
  std::set<std::pair<std::string, std::string>> publishers() const;

  struct Stats {
    std::size_t bytes = 0, bytes_max = 0, traces = 0, runs = 0;
    double share = 1;  // of the traces that are remembered as a whole
  };
  Stats stats() const;

 private:
  static constexpr std::size_t PAIRS_MAX = 1000;
  static constexpr std::size_t RECENT_COUNT = 4096;
  static constexpr int SHARE_BITS = 56;  // of a trace's id, which decide

  std::atomic<std::uint64_t>& recent(const telemetry::TraceId& trace);
  void adapt(Instant now);

  const std::size_t bytes_max_;
  Clock& clock_;
  std::atomic<std::uint64_t> share_{std::uint64_t{1} << SHARE_BITS};  // traces whose bits are below are wanted
  // Traces that were wanted lately: they are still, when there is room for fewer now. One may push out another.
  std::array<std::atomic<std::uint64_t>, RECENT_COUNT> recent_{};

  mutable std::mutex mutex_;
  RunMemory memory_;
  std::set<std::pair<std::string, std::string>> publishers_;
  Instant second_began_{};
  std::uint32_t new_in_second_ = 0;
};

}  // namespace tidemark::kit
