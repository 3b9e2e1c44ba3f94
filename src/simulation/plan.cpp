#include "simulation/plan.hpp"

#include <charconv>
#include <string_view>

namespace tidemark::simulation {
namespace {

constexpr std::uint64_t CALLS_BETWEEN_MAX = 60;
// How long something may be away: below and above what leases of partitions (5 s) and of events (60 s) last.
constexpr std::uint64_t SHORT_PAUSE_MS = 2'000, LONG_PAUSE_MS = 20'000, LONGEST_PAUSE_MS = 90'000;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Step OrderlyPlan::next(const Choices& choices) {
  if (!choices.ready.empty()) return {Step::run, choices.ready.front()};
  return {choices.can_sync ? Step::sync : Step::pass_time};
}

Misfortune OrderlyPlan::after_change(std::uint64_t change) {
  return change == strikes_at_ ? misfortune_ : Misfortune::none;
}

std::string OrderlyPlan::name() const {
  if (misfortune_ == Misfortune::none) return "undisturbed";
  return "crash:" + std::to_string(strikes_at_) + (misfortune_ == Misfortune::lose ? ":lost" : ":kept");
}

std::optional<OrderlyPlan> OrderlyPlan::parse(const std::string& name) {
  if (name == "undisturbed") return OrderlyPlan{};
  const std::string_view text{name};
  if (!text.starts_with("crash:")) return std::nullopt;
  const auto end = text.rfind(':');
  const auto number = number_of(text.substr(6, end == 5 ? 0 : end - 6));
  const auto kind = text.substr(end + 1);
  if (!number || (kind != "lost" && kind != "kept")) return std::nullopt;
  return OrderlyPlan{*number, kind == "lost" ? Misfortune::lose : Misfortune::keep};
}

RandomPlan::RandomPlan(std::uint64_t seed, std::uint32_t misfortunes)
    : seed_{seed}, random_{seed}, left_{misfortunes}, calls_to_next_{1 + random_.below(CALLS_BETWEEN_MAX)} {}

std::optional<std::uint64_t> RandomPlan::parse(const std::string& name) {
  if (!name.starts_with("seed:")) return std::nullopt;
  return number_of(std::string_view{name}.substr(5));
}

Step RandomPlan::next(const Choices& choices) {
  const bool may_sync = choices.can_sync && happens(4);
  if (!choices.ready.empty() && !may_sync) return {Step::run, choices.ready[random_.below(choices.ready.size())]};
  // A slow disk: time passes although something waits for it.
  if (choices.can_sync) return {choices.ready.empty() && happens(8) ? Step::pass_time : Step::sync};
  return {Step::pass_time};
}

bool RandomPlan::strikes() {
  if (left_ == 0 || calls_to_next_ > 0) return false;
  --left_;
  calls_to_next_ = 1 + random_.below(CALLS_BETWEEN_MAX);
  return true;
}

Misfortune RandomPlan::before_call() {
  if (calls_to_next_ > 0) --calls_to_next_;
  if (calls_to_next_ > 0 || happens(2) || !strikes()) return Misfortune::none;  // else it may strike after the change
  switch (random_.below(4)) {
    case 0: return Misfortune::kill;
    case 1: return Misfortune::lose;
    default: return Misfortune::stand_still;
  }
}

Misfortune RandomPlan::after_change(std::uint64_t /*change*/) {
  if (!strikes()) return Misfortune::none;
  switch (random_.below(4)) {
    case 0: return Misfortune::lose;
    case 1: return Misfortune::keep;
    default: return Misfortune::kill;
  }
}

Duration RandomPlan::pause() {
  const std::uint64_t longest = happens(2) ? SHORT_PAUSE_MS : happens(4) ? LONGEST_PAUSE_MS : LONG_PAUSE_MS;
  return Duration{static_cast<Duration::rep>(1 + random_.below(longest))};
}

std::uint64_t RandomPlan::bytes_left(std::uint64_t unsynced) {
  switch (random_.below(3)) {
    case 0: return 0;
    case 1: return unsynced;
    default: return random_.below(unsynced + 1);
  }
}

}  // namespace tidemark::simulation
