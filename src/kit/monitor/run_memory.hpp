// RunMemory: runs, kept by their traces within a bound of bytes, and found again by trace, by key, by the id of an
// event or of a document.
//
// Where there is no room, the trace that has had no run for the longest goes, as a whole: of those that only read when
// these take more than an eighth of the room; of those in which something failed when these take more than half of it;
// else of all the others. A trace that alone would take more than an eighth loses the older half of its runs.
#pragma once
#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kit/run/run_record.hpp"

namespace tidemark::kit {

// Of one trace, as far as it is remembered.
struct RememberedTrace {
  std::uint64_t number = 0;  // rises from trace to trace
  telemetry::TraceId id;
  std::vector<std::shared_ptr<const RunRecord>> runs;  // in the order of their ends
  bool whole = true;                                   // else older runs of it were dropped
  bool only_reads = false;                             // it has changed nothing, and nothing went wrong
};

bool is_failure(const RunRecord& run);
// A request that was answered well and changed nothing.
bool only_reads(const RunRecord& run);

// Not for several threads at once.
class RunMemory {
 public:
  explicit RunMemory(std::size_t bytes_max);
  ~RunMemory();
  RunMemory(const RunMemory&) = delete;
  RunMemory& operator=(const RunMemory&) = delete;

  using Run = std::shared_ptr<const RunRecord>;

  // Returns what had to go, for the caller to destroy where that keeps nobody waiting; and whether the trace is new.
  struct Added {
    std::vector<Run> dropped;
    bool is_new_trace = false;
  };
  Added add(RunRecord run);

  std::optional<RememberedTrace> find(const telemetry::TraceId& trace) const;
  // The traces with a run that has to do with the text: as its key, as the id of its event, of one that it published,
  // or of a document that it changed. Newest first, `count` at most; none of those that only read.
  std::vector<RememberedTrace> find(std::string_view text, std::size_t count) const;
  // Newest first, those with lower numbers than `below`.
  std::vector<RememberedTrace> newest(std::uint64_t below, std::size_t count) const;

  bool knows(const telemetry::TraceId& trace) const { return by_id_.contains(trace); }
  std::size_t bytes() const { return bytes_; }
  std::size_t traces() const { return by_id_.size(); }
  std::size_t runs() const { return runs_; }

 private:
  struct Trace;
  // In the order in which they go where there is no room, but for what the opening comment says of their shares.
  enum Kind : std::uint8_t { READING, ORDINARY, FAILING, KINDS };
  struct Shelf {
    std::list<Trace*> traces;  // the one that had no run for the longest first
    std::size_t bytes = 0;
  };
  struct IdHash {
    std::size_t operator()(const telemetry::TraceId& id) const noexcept {
      return static_cast<std::size_t>(id.high * 31 ^ id.low);
    }
  };

  Trace& trace_of(const RunRecord& run, bool& is_new);
  void grow(Trace& trace, std::size_t bytes);
  void shrink(Trace& trace, std::size_t bytes);
  void touch(Trace& trace, Kind kind);
  void index(Trace& trace, const RunRecord& run);
  void forget_texts(Trace& trace);
  void make_room(Added& added, const Trace& newest);
  Trace& oldest_but(const Trace& newest) const;
  void shorten(Trace& trace, Added& added);
  void drop(Trace& trace, Added& added);
  RememberedTrace copy_of(const Trace& trace) const;

  const std::size_t bytes_max_;
  std::size_t bytes_ = 0, runs_ = 0;
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, std::unique_ptr<Trace>> by_number_;
  std::unordered_map<telemetry::TraceId, Trace*, IdHash> by_id_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> by_text_;  // the text's hash, the trace's number
  std::array<Shelf, KINDS> shelves_;
};

}  // namespace tidemark::kit
