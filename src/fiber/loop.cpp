#include "fiber/loop.hpp"

#include <cstring>
#include <exception>
#include <utility>

#include "base/assert.hpp"
#include "fiber/loop_state.hpp"
#include "fiber/mailbox.hpp"
#include "tidemark/error.hpp"

namespace tidemark::fiber {
namespace {

// How many fibers run in a turn before sockets and posted tasks get theirs.
constexpr int RUNS_IN_A_TURN = 256;

thread_local Loop* current_loop = nullptr;
thread_local Fiber* current_fiber = nullptr;

std::string what_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

void end_process(std::string_view fiber, const std::exception_ptr& failure) {
  fatal("the fiber '" + std::string{fiber} + "' let out an exception: " + what_of(failure));
}

}  // namespace

Fiber* Fiber::current() noexcept { return current_fiber; }

std::unique_ptr<Context> Loop::State::take_context() {
  if (idle_contexts.empty()) return std::make_unique<Context>(options.stack_bytes);
  std::unique_ptr<Context> context = std::move(idle_contexts.back());
  idle_contexts.pop_back();
  return context;
}

void Loop::State::give_back(std::unique_ptr<Context> context) {
  if (idle_contexts.size() < options.stacks_kept) idle_contexts.push_back(std::move(context));
}

Loop::Loop(Clock& clock, const LoopOptions& options)
    : clock_{clock}, mailbox_{std::make_shared<Mailbox>()}, state_{std::make_unique<State>(options, clock.instant())} {
  state_->failure_handler = end_process;
}

Loop::~Loop() {
  TIDEMARK_ASSERT(state_->fiber_count == 0, "a loop ends while fibers have not: ", fiber_names());
  mailbox_->close();
}

Loop* Loop::current() noexcept { return current_loop; }

Loop::CurrentScope::CurrentScope(Loop& loop) noexcept : outer_{std::exchange(current_loop, &loop)} {}
Loop::CurrentScope::~CurrentScope() { current_loop = outer_; }

bool Loop::in_thread() const noexcept { return state_->owner == std::this_thread::get_id(); }
void Loop::adopt_thread() noexcept { state_->owner = std::this_thread::get_id(); }

void Loop::post(Task task) { mailbox_->post(std::move(task)); }

FiberHandle Loop::spawn(std::string_view name, Task body) {
  TIDEMARK_ASSERT(in_thread(), "spawn() from another thread; post a task that spawns instead");
  if (state_->fiber_count >= state_->options.fibers_at_most) {
    throw Unavailable{"no room for the fiber '" + std::string{name} + "': " + std::to_string(state_->fiber_count) +
                      " have not ended on this thread"};
  }
  auto* fiber = new Fiber{*this, name, std::move(body)};
  FiberHandle handle{*fiber};
  fiber->retain();  // the loop's own reference, until the end
  if (state_->cancelling) fiber->cancel();
  state_->fibers.push_back(*fiber);
  ++state_->fiber_count;
  state_->ready.push_back(*fiber);
  return handle;
}

TimerHandle Loop::schedule(Instant deadline, Task callback) {
  auto timer = std::make_unique<Timer>(*this, std::move(callback));
  timer->arm(deadline);
  return TimerHandle{std::move(timer)};
}

void Timer::arm(Instant deadline) {
  TIDEMARK_ASSERT(loop_.in_thread(), "a timer is armed on its loop's thread");
  loop_.state_->timers.insert(*this, deadline);
}

Instant Loop::now() const noexcept { return state_->in_turn ? state_->now : clock_.instant(); }

void Loop::on_failure(FailureHandler handler) { state_->failure_handler = std::move(handler); }

std::size_t Loop::fiber_count() const noexcept { return state_->fiber_count; }

std::string Loop::fiber_names() const {
  constexpr int NAMES_AT_MOST = 10;
  std::string names;
  int count = 0;
  state_->fibers.for_each([&](Fiber& fiber) {
    if (++count > NAMES_AT_MOST) return;
    names += names.empty() ? "'" : ", '";
    names += fiber.name().view();
    names += '\'';
  });
  if (count > NAMES_AT_MOST) names += " and " + std::to_string(count - NAMES_AT_MOST) + " more";
  return names;
}

std::string Loop::running_fiber() const {
  FiberName::Words words;
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = state_->running_name[i].load(std::memory_order_relaxed);
  char characters[sizeof words];
  std::memcpy(characters, words.data(), sizeof words);
  return {characters, strnlen(characters, sizeof characters)};
}

void Loop::set_wake_up(std::function<void()> wake_up) { mailbox_->set_wake_up(std::move(wake_up)); }

bool Loop::run_turn() {
  TIDEMARK_ASSERT(in_thread() && current_fiber == nullptr && !state_->in_turn,
                  "a turn is run by the loop's driver, from outside of its fibers and tasks");
  const CurrentScope current{*this};
  State& state = *state_;
  state.now = clock_.instant();
  state.in_turn = true;
  mailbox_->take(state.tasks);
  for (Task& task : state.tasks) {
    task();
    task.reset();
  }
  state.tasks.clear();
  state.timers.advance(state.now);
  for (int runs = 0; runs < RUNS_IN_A_TURN && !state.ready.empty(); ++runs) run_fiber(state.ready.front());
  state.ready.take_all(state.ready_next_turn);
  state.in_turn = false;
  return !state.ready.empty() || state.timers.has_due() || mailbox_->filled();
}

void Loop::run_fiber(Fiber& fiber) {
  fiber.Hook<InQueue>::unlink();
  if (fiber.context_ == nullptr && !enter_stack(fiber)) return;
  for (std::size_t i = 0; i < FiberName::WORDS; ++i) {
    state_->running_name[i].store(fiber.name().words()[i], std::memory_order_relaxed);
  }
  fiber.phase_ = FiberPhase::running;
  current_fiber = &fiber;
  const bool ended = fiber.context_->resume();
  current_fiber = nullptr;
  state_->running_name[0].store(0, std::memory_order_relaxed);
  if (ended) finish_fiber(fiber);
}

// Stacks are given out at the first run, not at the spawn, so that fibers which never wait share a warm one.
bool Loop::enter_stack(Fiber& fiber) {
  try {
    fiber.context_ = state_->take_context();
  } catch (...) {
    state_->failure_handler(fiber.name().view(), std::current_exception());
    fiber.body_.reset();
    finish_fiber(fiber);
    return false;
  }
  fiber.context_->prepare([](void* self) { static_cast<Fiber*>(self)->run_body(); }, &fiber);
  return true;
}

void Loop::finish_fiber(Fiber& fiber) {
  fiber.phase_ = FiberPhase::done;
  if (fiber.context_ != nullptr) state_->give_back(std::move(fiber.context_));
  fiber.Hook<InLoop>::unlink();
  --state_->fiber_count;
  fiber.joining_.notify_all();
  fiber.release();
}

std::optional<Instant> Loop::next_wake() const noexcept { return state_->timers.next_wake(); }
std::optional<Instant> Loop::next_deadline() const { return state_->timers.next_deadline(); }

bool Loop::prepare_sleep() { return state_->ready.empty() && !state_->timers.has_due() && mailbox_->prepare_sleep(); }
void Loop::end_sleep() { mailbox_->end_sleep(); }

void Loop::cancel_all() {
  state_->cancelling = true;
  state_->fibers.for_each([](Fiber& fiber) { fiber.cancel(); });
}

void Loop::close() { mailbox_->close(); }

}  // namespace tidemark::fiber
