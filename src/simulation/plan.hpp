// Plan: decides what happens in a schedule: what goes on next, and where misfortune strikes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "tidemark/time.hpp"

namespace tidemark::simulation {

// What strikes at a change of the store.
enum class Misfortune {
  none,
  lose,         // the power fails, and what was not on disk may be gone
  keep,         // the power fails when all is on disk, and nobody has heard
  kill,         // the process ends
  stand_still,  // the process does nothing for a while
};

// What can go on.
struct Choices {
  std::vector<std::size_t> ready;  // processes that have something to run
  bool can_sync = false;           // whether there is something that is not on disk
};

// What does. A process of those that are ready, a sync, or else time passes.
struct Step {
  enum Kind { run, sync, pass_time } kind;
  std::size_t process = 0;
};

class Plan {
 public:
  virtual ~Plan() = default;
  virtual Step next(const Choices& choices) = 0;
  // At a call that may change the store, before it gets there.
  virtual Misfortune before_call() { return Misfortune::none; }
  // When change number `change` has been made, before its maker hears of it.
  virtual Misfortune after_change(std::uint64_t /*change*/) { return Misfortune::none; }
  // For how long a process that stands still does, and how long one that crashed is away.
  virtual Duration pause() { return std::chrono::seconds{1}; }
  // When the power fails: how many of the bytes that a file was given since the last sync are there all the same.
  virtual std::uint64_t bytes_left(std::uint64_t /*unsynced*/) { return 0; }
  // What TIDEMARK_SCHEDULE calls it.
  virtual std::string name() const = 0;
};

// Whatever can run does, in its order; then the disk; then time passes. One change at most meets with misfortune.
class OrderlyPlan : public Plan {
 public:
  OrderlyPlan() = default;
  OrderlyPlan(std::uint64_t strikes_at, Misfortune misfortune) : strikes_at_{strikes_at}, misfortune_{misfortune} {}

  Step next(const Choices& choices) override;
  Misfortune after_change(std::uint64_t change) override;
  std::string name() const override;

  // "crash:17:lost"; none for anything else.
  static std::optional<OrderlyPlan> parse(const std::string& name);

 private:
  std::uint64_t strikes_at_ = 0;
  Misfortune misfortune_ = Misfortune::none;
};

// Everything follows from the seed.
class RandomPlan final : public Plan {
 public:
  RandomPlan(std::uint64_t seed, std::uint32_t misfortunes);

  Step next(const Choices& choices) override;
  Misfortune before_call() override;
  Misfortune after_change(std::uint64_t change) override;
  Duration pause() override;
  std::uint64_t bytes_left(std::uint64_t unsynced) override;
  std::string name() const override { return "seed:" + std::to_string(seed_); }

  static std::optional<std::uint64_t> parse(const std::string& name);

 private:
  bool strikes();
  bool happens(std::uint64_t one_in) { return random_.below(one_in) == 0; }

  const std::uint64_t seed_;
  Random random_;
  std::uint32_t left_;           // misfortunes
  std::uint64_t calls_to_next_;  // until one strikes
};

}  // namespace tidemark::simulation
