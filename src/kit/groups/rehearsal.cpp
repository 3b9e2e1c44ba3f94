#include "kit/groups/rehearsal.hpp"

#include "fiber/fiber.hpp"
#include "kit/dispatch/dispatcher.hpp"
#include "kit/run/transaction_state.hpp"
#include "kit/service/envelope.hpp"

namespace tidemark::kit {
namespace {

Cause cause_of(const Runtime& runtime, const detail::HandlerSpec& spec, const RehearsedEvent& event) {
  const auto id = event.fields.find("ce_id");
  return {.service = runtime.service,
          .scope = scope_of(spec, event.partition),
          .reach = {.partitions = runtime.partitions, .partition = event.partition},
          .id = id && !id->empty() ? std::string{*id} : event.origin.text(),
          .time = TimePoint{std::chrono::milliseconds{static_cast<std::int64_t>(event.origin.ms)}}};
}

// What the function failed with, if it did.
std::optional<std::string> failure_of(const std::function<void()>& run, Duration deadline) {
  try {
    run();
    return std::nullopt;
  } catch (const fiber::Cancelled&) {
    throw;
  } catch (const fiber::DeadlineExceeded&) {
    return "it was still running after its deadline of " + std::to_string(deadline.count()) + " ms";
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace

Rehearsal rehearse(Runtime& runtime, const detail::HandlerSpec& spec, const RehearsedEvent& event) {
  const auto cause = cause_of(runtime, spec, event);
  detail::TransactionState state{runtime.store, runtime.catalog, cause, runtime.clock.now(), runtime.nonce};
  RunRecord record;
  state.note_in(record);
  state.rehearse();
  Transaction tx{state};
  Rehearsal rehearsal;
  rehearsal.error = failure_of(
      [&] {
        const fiber::DeadlineScope deadline{runtime.clock.instant() + spec.deadline};
        spec.run(tx, [&](void* value) { read_event(event.fields, value, *spec.event).or_raise(); });
      },
      spec.deadline);
  this_fiber::check();  // a handler may have swallowed it
  if (state.outage()) raise(*state.outage());
  rehearsal.stopped_at_durable = state.stopped_at_durable();
  if (rehearsal.stopped_at_durable) rehearsal.error.reset();
  auto changes = state.take_changes();
  rehearsal.publications = std::move(changes.publications);
  rehearsal.timers = std::move(changes.timers);
  rehearsal.documents = std::move(record.documents);
  rehearsal.effects = state.take_effects().size();
  return rehearsal;
}

}  // namespace tidemark::kit
