// Pauses: groups whose handlers are to begin nothing more, until somebody resumes them.
//
// A pause is a key at the store, under the group's topic and name, so that it outlives every process and holds for all
// of them: each looks at the pauses of its handlers with the heart-beat of its partitions (PartitionKeeper). A process
// that has nothing of the group in hand any more says so for each of its partitions; who wants to move the group's
// cursor waits for all of them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/store.hpp"
#include "tidemark/described.hpp"

namespace tidemark::kit {

struct Pause {
  TimePoint since;
  std::string reason;  // empty where none was given
  std::string by;      // who asked for it
  std::string id;      // of this pause, and of no other
  friend bool operator==(const Pause&, const Pause&) = default;
};
BOOST_DESCRIBE_STRUCT(Pause, (), (since, reason, by, id))

// On fibers of any loop. Refers to the store and the clock.
class Pauses {
 public:
  Pauses(store::Store& store, Clock& clock) : store_{store}, clock_{clock} {}

  // None where the group goes on. It may be newer than what is durable.
  Result<std::optional<Pause>> find(std::string_view topic, std::string_view group) const;
  // Durable when it returns. A group that is paused already stays so since then, with the reason that it had.
  Result<Pause> pause(std::string_view topic, std::string_view group, std::string reason, std::string by);
  // Durable when it returns. False where the group was not paused, or where somebody else has resumed it meanwhile: a
  // pause that was set after that stays.
  Result<bool> resume(std::string_view topic, std::string_view group);

  // Says that, in this pause, nothing of the group runs in the partition any more, nor will.
  Result<void> note_stopped(std::string_view topic, std::string_view group, std::uint16_t partition,
                            const Pause& pause);
  Result<bool> has_stopped(std::string_view topic, std::string_view group, std::uint16_t partition,
                           const Pause& pause) const;

 private:
  Result<std::optional<std::string>> value_of(const std::string& key) const;
  Result<void> change(std::string key, std::optional<std::string> value, bool must_be_absent = false);

  store::Store& store_;
  Clock& clock_;
};

}  // namespace tidemark::kit
