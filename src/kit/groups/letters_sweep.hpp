// LettersSweep: redrives or discards many dead letters of a group, one after the other, at a pace.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "kit/dispatch/dead_letters.hpp"

namespace tidemark::kit {

struct SweepProgress {
  std::uint64_t done = 0, of = 0, failed = 0;
  std::string last_error;  // of those that failed
};

class LettersSweep {
 public:
  struct Wish {
    std::function<bool(const DeadLetter&)> wanted;  // empty: all
    std::optional<double> per_s;                    // none: as fast as it goes
    std::optional<std::uint64_t> limit;
  };
  // What is done about one; `not_found` says that somebody else was faster, and counts as neither.
  using Act = std::function<Result<void>(DeadLetters&, LetterId)>;
  // Called after each second, after each hundred letters, and before each letter that the pace has made wait. What it
  // throws ends the sweep.
  using Report = std::function<void(const SweepProgress&)>;

  LettersSweep(DeadLetters& letters, Clock& clock) : letters_{letters}, clock_{clock} {}

  // Goes over the letters that there are when it begins: what fails again meanwhile stays. On a fiber, which may be
  // cancelled between two letters, and lets others of its thread run there. Fails with what keeps it from going on.
  Result<SweepProgress> run(const Wish& wish, const Act& act, const Report& report);

 private:
  using Visit = std::function<Result<bool>(const DeadLetter&)>;
  void wait_until(Instant due, const SweepProgress& progress, const Report& report);
  Result<void> for_each(const Wish& wish, LetterId last, const Visit& visit);
  Result<std::uint64_t> count(const Wish& wish, LetterId last);

  DeadLetters& letters_;
  Clock& clock_;
};

}  // namespace tidemark::kit
