// What a dispatcher does where a run fails: retries, dead letters, and the record of attempts.
#include <utility>

#include "fiber/fiber.hpp"
#include "kit/dispatch/dead_letters.hpp"
#include "kit/dispatch/dispatcher.hpp"
#include "kit/dispatch/retry.hpp"
#include "kit/run/unreadable.hpp"
#include "telemetry/log.hpp"

namespace tidemark::kit {
namespace {

constexpr std::size_t ERROR_TEXT_MAX = 2048;  // bytes of an exception's text that are kept

std::string shortened(std::string text) {
  if (text.size() > ERROR_TEXT_MAX) text.resize(ERROR_TEXT_MAX);
  return text;
}

}  // namespace

// What becomes of an event whose run has ended by an exception.
Dispatcher::Outcome Dispatcher::thrown(KeyQueues::Key* key, Item& item, std::uint32_t attempt,
                                       const std::exception_ptr& failure, RunWatch& watch) {
  std::string error;
  bool readable = true;
  try {
    std::rethrow_exception(failure);
  } catch (const fiber::DeadlineExceeded&) {
    error = "it was still running after its deadline of " + std::to_string(spec_.deadline.count()) + " ms";
  } catch (const Unreadable& unreadable) {
    error = unreadable.what();
    readable = false;
  } catch (const std::exception& exception) {
    error = exception.what();
  } catch (...) {
    error = "an exception of an unknown type";
  }
  if (!readable) return bury(key, item, attempt, shortened(std::move(error)), watch);
  this_fiber::check();  // what a cancelled run threw instead of Cancelled is no failure of its own
  return failed(key, item, attempt, shortened(std::move(error)), watch);
}

Lsn Dispatcher::record_attempt(Item& item, std::uint32_t attempt) {
  const auto lsn =
      runtime_.store.record_attempt(intake_.subscription(item.source), item.id, item.token, attempt).or_raise();
  item.recorded = true;
  return lsn;
}

// A run that was stopped from outside does not count.
void Dispatcher::take_back_attempt(Item& item) {
  if (!item.recorded) return;
  const fiber::UncancellableScope to_the_end;
  const fiber::DeadlineScope limit{runtime_.clock.instant() + STORE_RETRY};
  try {
    static_cast<void>(record_attempt(item, item.attempts));
    item.recorded = false;
  } catch (const Error& error) {
    log::warn("an interrupted run stays counted",
              {{"handler", name_}, {"event", item.id.text()}, {"error", error.what()}});
  }
}

Dispatcher::Outcome Dispatcher::failed(KeyQueues::Key* key, Item& item, std::uint32_t attempt, const std::string& error,
                                       RunWatch& watch) {
  const TraceScope logged_as{watch.trace()};
  metrics_.failures.add();
  if (attempt >= spec_.retry.attempts) return bury(key, item, attempt, error, watch);
  const auto delay = retry_delay(spec_.retry, attempt, random_);
  log::warn("a handler failed and runs again", {{"handler", name_},
                                                {"event", item.id.text()},
                                                {"key", queues_.name(key)},
                                                {"attempt", attempt},
                                                {"again_in_ms", delay.count()},
                                                {"error", error}});
  auto retry = settlement(item);
  retry.kind = model::Settlement::Kind::retry;
  retry.retry_at = runtime_.clock.now() + delay;
  retry.attempts = attempt;
  retry.error = error;
  runtime_.store.commit(commit_of(std::move(retry))).or_raise();
  watch.end(RunOutcome::failed, error, [&](RunRecord& record) { describe(record, item, key, attempt); });
  item.attempts = attempt;
  item.suspect = false;
  item.recorded = false;
  queues_.postpone(key, runtime_.clock.instant() + delay);
  return Outcome::postponed;
}

// Its key says to which partition a redriven event goes back, unless there is one of it in each.
std::optional<std::uint16_t> Dispatcher::partition_of_letter() const {
  if (!placement_.has_inboxes() || !placement_.in_every_partition()) return std::nullopt;
  return partition_;
}

// An event that is larger than any of ours may be, and leaves no room for what is said about it, is buried without its
// members: its entry stays in its topic.
Dispatcher::Outcome Dispatcher::bury(KeyQueues::Key* key, const Item& item, std::uint32_t attempts,
                                     const std::string& error, RunWatch& watch) {
  const TraceScope logged_as{watch.trace()};
  const auto commit_letter = [&](const model::Fields& event, const std::string& why) {
    auto letter = kit::bury(event, item.id, why, attempts, runtime_.clock.now(), partition_of_letter());
    auto commit = commit_of(settlement(item));
    commit.publications.push_back({placement_.dead_topic(partition_), std::move(letter), std::nullopt});
    return runtime_.store.commit(commit);
  };
  auto buried = commit_letter(*item.fields, error);
  if (!buried && buried.error().code == ErrorCode::too_large)
    buried = commit_letter({}, error + " (the event is too large to be kept here)");
  std::move(buried).or_raise();
  metrics_.buried.add();
  log::error("an event went to the dead letters", {{"handler", name_},
                                                   {"event", item.id.text()},
                                                   {"attempts", attempts},
                                                   {"error", error},
                                                   {"topic", placement_.dead_topic(partition_)}});
  watch.end(RunOutcome::buried, error, [&](RunRecord& record) { describe(record, item, key, attempts); });
  return Outcome::done;
}

void Dispatcher::wait_for_store(std::string_view doing, const Failure& failure) {
  log::warn("the store refuses; trying again", {{"handler", name_}, {"doing", doing}, {"error", failure.text()}});
  this_fiber::sleep_for(STORE_RETRY);
}

}  // namespace tidemark::kit
