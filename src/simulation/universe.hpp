// Universe: everything in one schedule: the clock, the disk and the store on it, the processes, and what happens next.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "simulation/disk.hpp"
#include "simulation/plan.hpp"
#include "simulation/process.hpp"
#include "tidemark/simulation.hpp"

namespace tidemark::simulation {

struct UniverseOptions {
  std::uint16_t partitions = 1;
  // With several the store is not in them: it outlives each of them, but no power failure.
  std::uint16_t instances = 1;
  std::function<std::shared_ptr<store::Store>(std::shared_ptr<store::Store>)> wrap;
};

// On one thread, and never on a fiber but for what the processes call.
class Universe final : public Witness {
 public:
  Universe(std::vector<const Service*> services, Plan& plan, const UniverseOptions& options);
  ~Universe() override;
  Universe(const Universe&) = delete;
  Universe& operator=(const Universe&) = delete;

  // Lets one thing happen; time passes up to `until` at most. Throws Violation when there is no end to it.
  void step(Instant until);
  // From here on nothing goes wrong any more.
  void be_calm() { calm_ = true; }
  // The process of the current fiber ends here; outside of fibers, the power fails.
  void crash();

  // A process that serves, chosen by turns; null while there is none.
  Process* serving();
  // Which life of which process that is, 0 when it has crashed.
  std::uint64_t life_of(const Process* process) const;
  // Whether everything waits for time to pass.
  bool is_idle() const;

  // Why it is not quiet; empty when nothing waits for a handler, no timer is set and all is on disk.
  std::string unrest() const;
  std::optional<TimePoint> last_timer() const;
  std::vector<testing::DeadLetter> dead_letters() const;

  const VirtualClock& clock() const { return clock_; }
  store::Store& store() { return *store_; }
  Plan& plan() { return plan_; }
  std::uint64_t changes() const { return changes_; }
  std::uint32_t crashes() const { return crashes_; }
  // Throws Violation: with what is wrong, the schedule, and what happened last.
  [[noreturn]] void violated(std::string_view what) const;

 private:
  struct Seat {
    std::unique_ptr<Process> process;
    bool ended = false;     // it has crashed, and is to be cleared away
    Instant still_until{};  // it does nothing until then
    Instant starts_at{};    // while there is none
    std::uint32_t lives = 0;
  };

  void before_read(std::size_t process) override;
  void before_change(std::size_t process) override;
  void after_change(std::size_t process, std::string what) override;
  Lsn durable() const noexcept override { return durable_; }
  void note_timer(const model::Partition& partition, const model::TimerChange& timer) override;

  bool stands_still(const Seat& seat) const { return seat.still_until > clock_.instant(); }
  Choices choices() const;
  void sync();
  void pass_time(Instant until);
  void strike(Misfortune misfortune, std::size_t process);
  void cut_power();
  void end_process(std::size_t process);
  void note_failed_starts();
  void clear_away();
  void start_what_is_due();
  void note(std::string what);

  const std::vector<const Service*> services_;
  Plan& plan_;
  const UniverseOptions options_;
  VirtualClock clock_;
  Disk disk_;
  std::shared_ptr<store::Store> store_;
  std::vector<Seat> seats_;
  Lsn durable_;
  bool power_ = true, calm_ = false;
  std::size_t turn_of_ = 0;
  std::uint64_t changes_ = 0, steps_ = 0, steps_at_once_ = 0;
  std::uint32_t crashes_ = 0, failed_starts_ = 0;
  std::map<std::string, TimePoint> timers_;  // as far as they were set, by partition and name
  std::deque<std::string> history_;          // the newest
};

}  // namespace tidemark::simulation
