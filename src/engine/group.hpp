// Group: the consumers that share one cursor on a topic, and what they have pending.
//
// Not thread-safe: under the engine's lock, but for `fetching`.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "engine/effects.hpp"
#include "engine/pending_list.hpp"
#include "engine/stream.hpp"
#include "engine/waiters.hpp"
#include "model/topic.hpp"

namespace tidemark::engine {

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
template <class T>
using NameMap = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;

class Group {
 public:
  Group(std::string name, std::uint32_t topic, std::uint32_t number, StreamId cursor, Place place);
  static Result<std::shared_ptr<Group>> load(std::uint32_t topic, std::uint32_t number, std::string_view record);
  // One of its consumers, as load() comes upon its record.
  void load_consumer(std::uint32_t number, std::string_view record);
  // After its consumers. Whoever holds nothing is forgotten: all who read have ended with the process before, and each
  // start has names of its own, which would only become more. The others were last seen when they got what they hold.
  // Everything pending, and the first entries past the cursor, may have been running when an unclean stop came.
  Result<void> load_pending(const storage::Storage& storage, const Stream& stream, const Clock& clock, bool clean);

  const std::string& name() const { return name_; }
  std::uint32_t number() const { return number_; }
  StreamId cursor() const { return cursor_; }
  std::uint64_t entries_read() const { return place_.ordinal; }
  PendingList& pending() { return pending_; }
  const PendingList& pending() const { return pending_; }

  // How many entries of the stream were not handed over yet.
  std::uint64_t lag(const Stream& stream) const;
  // The lowest id that it still needs: nothing below it is pending or still to be handed over.
  StreamId needs() const;
  bool is_suspect(std::uint64_t ordinal) const { return ordinal <= suspect_ordinal_; }

  // --- Changes. write() must follow, but for join() and the changes of what is pending. ---

  void set_cursor(StreamId cursor, Place place) { cursor_ = cursor, place_ = place; }
  // Hands over entries that lie ahead of the cursor, the next ones of the stream.
  void hand_over(const Stream& stream, std::span<const Handed> entries, const HandOver& hand_over, Effects& effects);
  // An entry ahead of the cursor was deleted from the stream.
  void note_deleted() { ++place_.holes_ahead; }
  // An entry was appended at or below the cursor, which someone has set ahead of the stream.
  void note_passed(std::uint64_t ordinal) { place_ = {ordinal, 0}; }
  void write(Effects& effects) const;

  // The number of a consumer; 0 when there is none of that name.
  std::uint32_t consumer(std::string_view name) const;
  // The same, and makes it if need be.
  std::uint32_t join(std::string_view name, Effects& effects);
  void leave(std::uint32_t consumer, Effects& effects);
  const std::string& consumer_name(std::uint32_t consumer) const;
  void note_seen(std::uint32_t consumer, Instant instant) { consumers_[consumer].seen = instant; }
  std::vector<model::ConsumerInfo> consumers(Instant now) const;

  // Erases all of it.
  void erase(Effects& effects) const;

  Waiters waiters;      // for something to hand over
  std::mutex fetching;  // held while entries are being read for a hand-over; taken before the engine's lock
  bool removed = false;

 private:
  struct Consumer {
    std::string name;
    Instant seen{};
  };

  std::string name_;
  std::uint32_t topic_, number_;
  StreamId cursor_;  // the last id handed over
  Place place_;      // of the cursor
  PendingList pending_;
  std::map<std::uint32_t, Consumer> consumers_;  // by number, from 1
  NameMap<std::uint32_t> consumer_numbers_;
  std::vector<std::uint32_t> forgotten_;  // whose records are erased when somebody joins: loading writes nothing
  std::uint64_t suspect_ordinal_ = 0;
};

}  // namespace tidemark::engine
