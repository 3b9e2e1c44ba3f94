#include "kit/dispatch/dispatcher.hpp"

#include <algorithm>
#include <utility>

#include "fiber/fiber.hpp"
#include "kit/run/transaction_state.hpp"
#include "kit/run/unreadable.hpp"
#include "kit/service/envelope.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

constexpr Duration EFFECTS_GRACE = std::chrono::seconds{1};
constexpr Duration START_AGAIN = std::chrono::milliseconds{20};
// How many events of one key become one commit, and how long the first of them may wait for the others.
constexpr std::size_t TOGETHER_MAX = 32;
constexpr Duration TOGETHER_FOR = std::chrono::milliseconds{10};
// For how long an event that may have ended the process before has that to itself: one that takes longer must not hold
// up all the others.
constexpr Duration ALONE_FOR = std::chrono::seconds{1};

// What ids are derived from: the event's own id, or that of its entry.
std::string id_of(const Item& item) {
  const auto id = item.fields->find("ce_id");
  return id && !id->empty() ? std::string{*id} : item.id.text();
}

// Tells of the runs of a chain that are committed by now, and forgets them.
void end_committed(std::vector<std::pair<std::size_t, RunWatch>>& watched, std::size_t committed, Lsn lsn) {
  const auto waiting = std::ranges::find_if(watched, [&](const auto& run) { return run.first >= committed; });
  for (auto run = watched.begin(); run != waiting; ++run)
    run->second.end(RunOutcome::ok, {}, [&](RunRecord& record) { record.lsn = lsn; });
  watched.erase(watched.begin(), waiting);
}

}  // namespace

std::string scope_of(const detail::HandlerSpec& spec, std::uint16_t partition) {
  const bool repeated = spec.every_partition && partition > 0;
  return spec.group + "/" + spec.topic + (repeated ? "/" + std::to_string(partition) : "");
}

Dispatcher::Dispatcher(fiber::Loop& loop, Runtime& runtime, const detail::HandlerSpec& spec, Seat seat)
    : loop_{loop},
      runtime_{runtime},
      spec_{spec},
      placement_{runtime, spec},
      partition_{seat.partition},
      name_{runtime.service + ": " + placement_.topic(partition_) + " (" + spec.group + ")"},
      scope_{scope_of(spec, partition_)},
      intake_{loop,
              runtime,
              spec,
              std::move(seat),
              queues_,
              [this] {
                arm_timer();
                start_workers();
              }},
      workers_{loop},
      effects_{loop, runtime.store, name_},
      timer_{loop,
             [this] {
               timer_at_.reset();
               arm_timer();
               start_workers();
             }},
      start_again_{loop, [this] { start_workers(); }},
      metrics_{runtime.metrics, runtime.service, spec} {}

Dispatcher::~Dispatcher() = default;

// Where there are too few fibers, what has begun must not outlive what it uses.
Result<void> Dispatcher::start() {
  try {
    return intake_.start();
  } catch (...) {
    const fiber::UncancellableScope to_the_end;
    begin_drain();
    static_cast<void>(finish_drain(runtime_.clock.instant()));
    throw;
  }
}

Dispatcher::Stats Dispatcher::stats() const {
  return {.active = queues_.active(),
          .parked = queues_.parked(),
          .running = queues_.running(),
          .waiting = queues_.waiting(),
          .is_full = queues_.parked() > spec_.parked_max};
}

// --- What runs ---

void Dispatcher::arm_timer() {
  const auto next = queues_.wake(runtime_.clock.instant());
  if (next == timer_at_) return;
  timer_at_ = next;
  next ? timer_.arm(*next) : timer_.cancel();
}

void Dispatcher::start_workers() {
  spawn_workers();
  metrics_.has_in_hand(queues_.running(), queues_.parked());
}

void Dispatcher::spawn_workers() {
  while (!intake_.stopped() && queues_.running() < spec_.concurrency) {
    auto* key = queues_.take();
    if (!key) return;
    try {
      workers_.spawn(name_, [this, key] { work(key); });
      lacks_fibers_ = false;
    } catch (const Error& error) {  // there are as many fibers as there may be
      queues_.put_back(key);
      if (!std::exchange(lacks_fibers_, true))
        log::warn("a handler waits for fibers", {{"handler", name_}, {"error", error.what()}});
      start_again_.arm(loop_.now() + START_AGAIN);
      return;
    }
  }
}

void Dispatcher::work(KeyQueues::Key* key) {
  for (bool more = true; more;) {
    if (intake_.stopped()) {
      queues_.put_back(key);
      break;
    }
    switch (process(key)) {
      case Outcome::done:
      case Outcome::lost: more = queues_.finish(key); break;
      case Outcome::postponed: more = false; break;
      case Outcome::stopped:
        queues_.put_back(key);
        more = false;
        break;
    }
    intake_.made_room();
  }
  arm_timer();
  start_workers();
  if (queues_.running() == 0) quiet_.notify_all();
}

// Of the first event; others that were done together with it are finished already.
Dispatcher::Outcome Dispatcher::process(KeyQueues::Key* key) {
  try {
    while (!intake_.stopped()) {
      Failure failure;
      try {
        if (const auto outcome = run_together(key)) return *outcome;
        Item& item = queues_.front(key);
        if (!item.fields && !restore(item)) return Outcome::done;
        return run_attempt(key, item);
      } catch (const fiber::Cancelled&) {
        throw;
      } catch (const Error& error) {
        // Only what the store says about its own calls comes here; what a run threw is dealt with in run_attempt.
        if (error.code() == ErrorCode::fenced) return Outcome::lost;
        failure = fail(error.code(), error.what());
      } catch (const std::exception& error) {
        failure = fail(ErrorCode::internal, error.what());
      }
      wait_for_store("handling an event", failure);
    }
  } catch (const fiber::Cancelled&) {
    // Told to stop at the end of the drain.
  }
  take_back_attempt(queues_.front(key));
  return Outcome::stopped;
}

// --- Several events of one key in one commit ---

// What has a record of its own at the store, or may have ended the process, runs by itself.
bool Dispatcher::can_run_together(const Item& item) const {
  return item.fields && !item.suspect && item.attempts == 0 && !item.recorded && !intake_.stopped();
}

// None when the first event is to run by itself: then nothing has been done about it.
std::optional<Dispatcher::Outcome> Dispatcher::run_together(KeyQueues::Key* key) {
  if (key->items.size() < 2 || key->alone > 0) return std::nullopt;
  std::vector<std::pair<std::size_t, RunWatch>> watched;  // with its place in the chain
  RunChain chain{runtime_.store, placement_.partition(partition_),
                 [&](Lsn lsn, RunChain::Effects effects, bool sets_timers) {
                   if (sets_timers) runtime_.timer_set();
                   end_committed(watched, chain.committed(), lsn);
                   const fiber::UncancellableScope committed_already;
                   effects_.push(lsn, std::move(effects));
                 }};
  const auto began = std::chrono::steady_clock::now();
  look_ahead(key, chain);
  const auto until = runtime_.clock.instant() + TOGETHER_FOR;
  std::exception_ptr failure;
  std::optional<RunWatch> failed_run;
  std::size_t count = 0;
  while (!failure && !chain.broken() && count < TOGETHER_MAX && (count == 0 || runtime_.clock.instant() < until)) {
    const auto* item = queues_.take_along(key, count);
    if (!item || !can_run_together(*item)) break;
    auto run = begin_run(*item);
    if (auto* record = run.wanted()) describe(*record, *item, key, 1);
    failure = run_in_chain(chain, *item, run);
    if (failure)
      failed_run = std::move(run);
    else if (run.wanted())
      watched.emplace_back(count, std::move(run));
    if (!failure) ++count;
  }
  static_cast<void>(chain.commit());  // what it says is kept

  metrics_.handled.add(chain.committed());
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  for (std::size_t i = 0; i < chain.committed(); ++i) metrics_.seconds.observe(seconds / static_cast<double>(count));
  // The last one stays, for the caller to finish.
  for (std::size_t i = 0; i + 1 < chain.committed(); ++i) queues_.finish(key);
  if (chain.broken()) {  // by one of them: each shows by itself which it is
    if (chain.committed() > 0) queues_.finish(key);
    if (is_outage(chain.broken()->code)) raise(*chain.broken());
    if (chain.broken()->code == ErrorCode::conflict) metrics_.conflicts.add();
    key->alone = count - chain.committed() + (failure ? 1 : 0);
    return std::nullopt;
  }
  if (!failure) return count > 0 ? std::optional{Outcome::done} : std::nullopt;
  if (count > 0) queues_.finish(key);
  return thrown(key, queues_.front(key), 1, failure, *failed_run);
}

void Dispatcher::look_ahead(const KeyQueues::Key* key, RunChain& chain) const {
  std::vector<model::Fields> events;
  for (const auto& item : key->items) {
    if (events.size() == TOGETHER_MAX || !can_run_together(item)) break;
    events.push_back(*item.fields);  // an item may be dropped meanwhile
  }
  foresight_.look_ahead(runtime_.store, placement_.partition(partition_), events, chain);
}

// What the function threw, which counts only if the runs before it are committed.
std::exception_ptr Dispatcher::run_in_chain(RunChain& chain, const Item& item, RunWatch& watch) {
  const Cause cause = cause_of(item, watch);
  detail::TransactionState state{
      runtime_.store, runtime_.catalog, cause, runtime_.clock.now(), runtime_.nonce, 1, item.handed_over, &chain};
  state.trust_new_ids();
  if (auto* record = watch.wanted()) state.note_in(*record);
  try {
    const fiber::DeadlineScope deadline{runtime_.clock.instant() + spec_.deadline};
    run_function(state, item);
  } catch (const fiber::Cancelled&) {
    throw;
  } catch (...) {
    if (!state.outage()) return std::current_exception();
  }
  watch.returned();
  if (state.outage()) chain.break_off(*state.outage());
  if (chain.broken()) return nullptr;
  foresight_.learn(*item.fields, state.documents());
  state.join(settlement(item));
  return nullptr;
}

// Reads a parked event again. False when it is gone: then so is its delivery.
bool Dispatcher::restore(Item& item) {
  auto entry = runtime_.store.read_one(intake_.subscription(item.source).topic, item.id).or_raise();
  if (!entry) {
    runtime_.store.commit(commit_of(settlement(item))).or_raise();
    return false;
  }
  item.fields = std::move(entry->fields);
  queues_.unparked();
  return true;
}

model::Commit Dispatcher::commit_of(model::Settlement settlement) const {
  model::Commit commit;
  commit.partition = placement_.partition(partition_);
  commit.settlements.push_back(std::move(settlement));
  return commit;
}

model::Settlement Dispatcher::settlement(const Item& item) const {
  const auto& by = intake_.subscription(item.source);
  return {.topic = by.topic, .group = by.group, .id = item.id, .token = item.token};
}

Dispatcher::Outcome Dispatcher::run_attempt(KeyQueues::Key* key, Item& item) {
  const std::uint32_t attempt = item.attempts + 1;
  Turnstile::Turn alone;
  fiber::Timer next{loop_, [&alone] { alone.leave(); }};
  // It may have ended the process before: that must count even if it does so again. One that was not run before is
  // counted when it fails.
  if (item.suspect) {
    alone = runtime_.suspects.enter();
    if (intake_.stopped()) {
      take_back_attempt(item);
      return Outcome::stopped;
    }
    const auto recorded = record_attempt(item, attempt);
    runtime_.store.wait_durable(recorded).or_raise();
    next.arm(loop_.now() + ALONE_FOR);
  } else if (item.attempts > 0) {
    record_attempt(item, attempt);
  }
  auto run = begin_run(item);
  if (attempt > spec_.retry.attempts)
    return bury(key, item, item.attempts,
                "each of its " + std::to_string(item.attempts) + " runs failed or ended the process", run);

  std::optional<Failure> refused;
  std::exception_ptr failure;
  try {
    const fiber::DeadlineScope deadline{runtime_.clock.instant() + spec_.deadline};
    auto ran = run_until_committed(key, attempt, run);
    if (ran) return Outcome::done;
    refused = std::move(ran).error();
  } catch (const fiber::Cancelled&) {
    throw;
  } catch (...) {
    failure = std::current_exception();
  }
  if (refused) raise(*refused);
  return thrown(key, item, attempt, failure, run);
}

// Runs it anew whenever somebody else has changed what it had read. The failure is the store's: `fenced`, or an outage;
// the function's own are thrown.
Result<void> Dispatcher::run_until_committed(KeyQueues::Key* key, std::uint32_t attempt, RunWatch& watch) {
  const auto began = runtime_.clock.now();
  const auto timer = std::chrono::steady_clock::now();
  for (;;) {
    auto ran = run_once(key, attempt, began, watch);
    if (!ran && ran.error().code == ErrorCode::conflict) {
      metrics_.conflicts.add();
      const Item& item = queues_.front(key);
      watch.end(RunOutcome::conflict, ran.error().text(),
                [&](RunRecord& record) { describe(record, item, key, attempt); });
      watch = begin_run(item);
      this_fiber::yield();
      continue;
    }
    if (!ran) return ran;
    metrics_.handled.add();
    metrics_.seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - timer).count());
    return {};
  }
}

// The failure is the store's: `conflict`, `fenced` or an outage.
Result<void> Dispatcher::run_once(KeyQueues::Key* key, std::uint32_t attempt, TimePoint began, RunWatch& watch) {
  const Item& item = queues_.front(key);
  const Cause cause = cause_of(item, watch);
  detail::TransactionState state{runtime_.store, runtime_.catalog, cause,           began,
                                 runtime_.nonce, attempt,          item.handed_over};
  if (auto* record = watch.wanted()) state.note_in(*record);
  try {
    run_function(state, item);
  } catch (...) {
    if (!state.outage()) throw;
  }
  if (state.outage()) return *state.outage();
  watch.returned();
  const bool sets_timers = state.publishes_timers();
  auto committed = state.commit(settlement(item), {}, false);
  if (!committed) {
    const auto code = committed.error().code;
    if (code == ErrorCode::conflict || code == ErrorCode::fenced || is_outage(code)) return committed.error();
    raise(committed.error());
  }
  if (sets_timers) runtime_.timer_set();
  watch.end(RunOutcome::ok, {}, [&](RunRecord& record) { describe(record, item, key, attempt); });
  const fiber::UncancellableScope committed_already;
  effects_.push(*committed, state.take_effects());
  return {};
}

Cause Dispatcher::cause_of(const Item& item, const RunWatch& watch) const {
  return {.service = runtime_.service,
          .scope = scope_,
          .reach = {.partitions = runtime_.partitions, .partition = partition_},
          .id = id_of(item),
          .time = TimePoint{std::chrono::milliseconds{static_cast<std::int64_t>(item.id.ms)}},
          .trace = watch.trace()};
}

RunWatch Dispatcher::begin_run(const Item& item) const {
  const auto traceparent = item.fields->find("ce_traceparent");
  const auto context = traceparent ? telemetry::TraceContext::parse(*traceparent) : std::nullopt;
  return {runtime_, context ? *context : derived_trace(id_of(item), runtime_.sampler)};
}

void Dispatcher::describe(RunRecord& record, const Item& item, const KeyQueues::Key* key, std::uint32_t attempt) const {
  record.kind = RunKind::handler;
  record.name = spec_.topic;
  record.group = spec_.group;
  record.entry = item.id;
  record.ce_id = item.fields->find("ce_id").value_or("");
  record.key = queues_.name(key);
  record.attempt = attempt;
}

void Dispatcher::run_function(detail::TransactionState& state, const Item& item) {
  const TraceScope logged_as{state.cause().trace};
  Transaction tx{state};
  spec_.run(tx, [&](void* event) {
    if (auto read = read_event(*item.fields, event, *spec_.event); !read) throw Unreadable{read.error()};
  });
  this_fiber::check();  // a handler that swallowed its cancellation must not commit
}

// --- The end ---

void Dispatcher::begin_drain() { intake_.stop(); }

bool Dispatcher::wait_until_quiet(Instant deadline) {
  return quiet_.wait_until(deadline, [this] { return queues_.running() == 0; });
}

bool Dispatcher::finish_drain(Instant deadline) {
  const bool in_time = wait_until_quiet(deadline);
  if (!in_time)
    log::warn("a handler did not end in time and is told to stop",
              {{"handler", name_}, {"running", queues_.running()}});
  effects_.release();
  workers_.cancel();
  workers_.wait();
  // What is committed is about to be durable: one run that had to be stopped must not cost the others their effects.
  const bool all_called = effects_.drain(std::max(deadline, runtime_.clock.instant() + EFFECTS_GRACE));
  intake_.wait();
  timer_.cancel();
  start_again_.cancel();
  return in_time && all_called;
}

}  // namespace tidemark::kit
