#include "simulation/universe.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "fiber/fiber.hpp"

namespace tidemark::simulation {
namespace {

constexpr std::size_t HISTORY_KEPT = 20;
// Limits beyond which a schedule has no end: at one moment of the clock, in all, and with an event that ends its
// process again and again.
constexpr std::uint64_t STEPS_AT_ONCE_MAX = 200'000, STEPS_MAX = 20'000'000;
constexpr std::uint32_t CRASHES_MAX = 100, FAILED_STARTS_MAX = 20;
// How late a timer may fire: the store is asked once a second.
constexpr Duration TIMER_LATENESS = std::chrono::seconds{2};

// What a sync that does not come at once takes.
constexpr Duration SLOW_SYNC = std::chrono::milliseconds{700};

const Instant BEGINNING = VirtualClock{}.instant();

std::string seconds_text(Duration time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f s", static_cast<double>(time.count()) / 1000);
  return text;
}

}  // namespace

Universe::Universe(std::vector<const Service*> services, Plan& plan, const UniverseOptions& options)
    : services_{std::move(services)}, plan_{plan}, options_{options}, seats_(options.instances) {
  store_ = disk_.open(clock_).or_raise();
  durable_ = store_->seen();
}

Universe::~Universe() {
  power_ = false;
  for (auto& seat : seats_) seat.process.reset();
}

// --- What happens next ---

void Universe::step(Instant until) {
  clear_away();
  start_what_is_due();
  if (crashes_ > CRASHES_MAX)
    violated("a process has crashed " + std::to_string(crashes_) +
             " times: an event that ends its process must be given up on after its attempts");
  if (++steps_at_once_ > STEPS_AT_ONCE_MAX || ++steps_ > STEPS_MAX)
    violated("there is no end to what runs without waiting" + (unrest().empty() ? "" : ": " + unrest()));
  const auto choices = this->choices();
  const Step next = calm_ ? OrderlyPlan{}.next(choices) : plan_.next(choices);
  switch (next.kind) {
    case Step::run: return seats_[next.process].process->turn();
    case Step::sync: return sync();
    case Step::pass_time: return pass_time(until);
  }
}

bool Universe::is_idle() const {
  const auto choices = this->choices();
  return power_ && choices.ready.empty() && !choices.can_sync;
}

Choices Universe::choices() const {
  Choices choices;
  for (std::size_t i = 0; i < seats_.size(); ++i)
    if (seats_[i].process && !stands_still(seats_[i]) && seats_[i].process->has_work()) choices.ready.push_back(i);
  choices.can_sync = store_->seen() > durable_;
  return choices;
}

void Universe::sync() {
  disk_.sync();
  durable_ = store_->seen();
  for (const auto& seat : seats_)
    if (seat.process) seat.process->tidemark_moved();
}

void Universe::pass_time(Instant until) {
  auto next = store_->seen() > durable_ ? std::min(until, clock_.instant() + SLOW_SYNC) : until;
  for (const auto& seat : seats_) {
    if (!seat.process)
      next = std::min(next, seat.starts_at);
    else if (stands_still(seat))
      next = std::min(next, seat.still_until);
    else if (const auto deadline = seat.process->next_deadline())
      next = std::min(next, *deadline);
  }
  if (next <= clock_.instant()) return;
  clock_.advance(next - clock_.instant());
  steps_at_once_ = 0;
}

// --- What goes wrong ---

void Universe::before_read(std::size_t process) {
  const Seat& seat = seats_[process];
  for (;;) {
    if (!power_ || seat.ended) throw fiber::Cancelled{"the process has crashed"};
    if (!stands_still(seat)) return;
    this_fiber::yield();
  }
}

void Universe::before_change(std::size_t process) {
  before_read(process);
  if (!calm_) strike(plan_.before_call(), process);
  before_read(process);
}

void Universe::after_change(std::size_t process, std::string what) {
  ++changes_;
  note("#" + std::to_string(changes_) + " process " + std::to_string(process + 1) + ": " + std::move(what));
  if (calm_) return;
  strike(plan_.after_change(changes_), process);
  before_read(process);
}

void Universe::strike(Misfortune misfortune, std::size_t process) {
  switch (misfortune) {
    case Misfortune::none: return;
    case Misfortune::keep: sync(); return cut_power();
    case Misfortune::lose: return cut_power();
    case Misfortune::kill: return end_process(process);
    case Misfortune::stand_still:
      seats_[process].still_until = clock_.instant() + plan_.pause();
      return note("process " + std::to_string(process + 1) + " stands still for " +
                  seconds_text(seats_[process].still_until - clock_.instant()));
  }
}

void Universe::cut_power() {
  if (!power_) return;
  note(store_->seen() > durable_ ? "the power fails; what is not on disk may be lost" : "the power fails");
  power_ = false;
  ++crashes_;
  disk_.cut_power([this](std::uintmax_t unsynced) { return plan_.bytes_left(unsynced); });
}

// A store inside of the process goes with it.
void Universe::end_process(std::size_t process) {
  if (options_.instances == 1) return cut_power();
  note("process " + std::to_string(process + 1) + " is killed");
  seats_[process].ended = true;
  ++crashes_;
}

void Universe::crash() {
  if (!this_fiber::active()) return cut_power();
  for (std::size_t i = 0; i < seats_.size(); ++i)
    if (seats_[i].process && seats_[i].process->runs_now()) end_process(i);
  throw fiber::Cancelled{"the process has crashed"};
}

// A process whose start fails exits, and whoever started it does so again.
void Universe::note_failed_starts() {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    if (!seats_[i].process || seats_[i].process->failure().empty() || seats_[i].ended) continue;
    const auto what = "process " + std::to_string(i + 1) + " can't start: " + seats_[i].process->failure();
    if (++failed_starts_ > FAILED_STARTS_MAX) violated(what);
    note(what);
    seats_[i].ended = true;
  }
}

// Once nothing of it runs.
void Universe::clear_away() {
  note_failed_starts();
  for (auto& seat : seats_) {
    if (power_ && !seat.ended) continue;
    seat.process.reset();
    seat.ended = false;
    seat.still_until = {};
    seat.starts_at = clock_.instant() + plan_.pause();
  }
  if (power_) return;
  store_.reset();
  store_ = disk_.open(clock_).or_raise();
  durable_ = store_->seen();
  power_ = true;
}

void Universe::start_what_is_due() {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    auto& seat = seats_[i];
    if (seat.process) continue;
    if (seat.starts_at > clock_.instant()) continue;
    const auto number = std::to_string(i + 1);
    if (++seat.lives > 1) note("process " + number + " starts again");
    seat.process =
        std::make_unique<Process>(ProcessOptions{.number = i,
                                                 .name = "process-" + number + "-" + std::to_string(seat.lives),
                                                 .services = services_,
                                                 .partitions = options_.partitions,
                                                 .wrap = options_.wrap},
                                  store_, *this, clock_);
  }
}

// --- Looking at it ---

Process* Universe::serving() {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    const auto& seat = seats_[turn_of_++ % seats_.size()];
    if (power_ && !seat.ended && seat.process && seat.process->serves()) return seat.process.get();
  }
  return nullptr;
}

std::uint64_t Universe::life_of(const Process* process) const {
  for (std::size_t i = 0; i < seats_.size(); ++i)
    if (power_ && !seats_[i].ended && seats_[i].process.get() == process)
      return seats_[i].lives * seats_.size() + i + 1;
  return 0;
}

void Universe::note_timer(const model::Partition& partition, const model::TimerChange& timer) {
  const auto name = partition.tag() + timer.name;
  if (timer.due)
    timers_[name] = *timer.due;
  else
    timers_.erase(name);
}

std::optional<TimePoint> Universe::last_timer() const {
  std::optional<TimePoint> last;
  for (const auto& [name, due] : timers_) last = std::max(last.value_or(due), due);
  return last;
}

std::string Universe::unrest() const {
  for (const auto& seat : seats_)
    if (!seat.process || !seat.process->serves() || stands_still(seat)) return "a process does not serve";
  for (const auto& topic : store_->topics().or_raise())
    for (const auto& group : store_->groups(topic.name).or_raise()) {
      if (group.pending > 0)
        return std::to_string(group.pending) + " events of '" + topic.name + "' are pending for '" + group.name + "'";
      if (group.lag > 0)
        return std::to_string(group.lag) + " events of '" + topic.name + "' were not handed over to '" + group.name +
               "'";
    }
  if (const auto last = last_timer(); last && *last + TIMER_LATENESS > clock_.now()) return "a timer is set";
  if (store_->seen() > durable_) return "something is not on disk";
  return {};
}

std::vector<testing::DeadLetter> Universe::dead_letters() const {
  std::vector<testing::DeadLetter> letters;
  for (const auto& topic : store_->topics().or_raise()) {
    if (!topic.name.ends_with(".dead")) continue;
    for (const auto& entry : store_->read(topic.name, StreamId::min(), UINT32_MAX).or_raise()) {
      const auto field = [&](std::string_view name) { return std::string{entry.fields.find(name).value_or("")}; };
      letters.push_back(
          {.topic = topic.name,
           .event_id = field("dl_id"),
           .error = field("dl_error"),
           .attempts = static_cast<std::uint32_t>(std::strtoul(field("dl_attempts").c_str(), nullptr, 10))});
    }
  }
  return letters;
}

void Universe::note(std::string what) {
  if (history_.size() == HISTORY_KEPT) history_.pop_front();
  history_.push_back(seconds_text(clock_.instant() - BEGINNING) + "  " + std::move(what));
}

void Universe::violated(std::string_view what) const {
  std::string text{what};
  text += "\n  schedule: " + plan_.name() + "   (TIDEMARK_SCHEDULE=" + plan_.name() +
          " in the environment runs it alone)\n  what happened last:";
  for (const auto& line : history_) text += "\n    " + line;
  for (const auto& seat : seats_)
    if (seat.process) text += "\n  fibers: " + seat.process->fibers();
  throw testing::Violation{text};
}

}  // namespace tidemark::simulation
